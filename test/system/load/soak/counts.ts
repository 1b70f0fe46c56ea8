const isWhole = process.env["SWITCHYARD_SOAK"] === "true";

/** How much there is of everything: `npm run test:soak` asks for all of it and prints the figures. */
export const counts = isWhole
  ? { mutated: 1_000_000, leastSeconds: 240, mostSeconds: 1_500, sampleMs: 1_000, growth: 0.15 }
  : // A process of some seconds is still warming up in its second half: live objects tell more of it.
    { mutated: 10_000, leastSeconds: 14, mostSeconds: 60, sampleMs: 200, growth: 0.5 };

/** Prints where somebody waits for it. */
export function tell(figures: object): void {
  if (isWhole) process.stdout.write(`${JSON.stringify(figures)}\n`);
}
