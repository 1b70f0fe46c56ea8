type Collect = (options: { type: "minor" }) => void;

/**
 * Has the garbage among young objects collected now, where the process was started with `--expose-gc`, as the
 * image does; does nothing elsewhere. Whoever makes much that stays, such as a routing table, asks for it
 * often: left to itself the engine copies all of it in one go, which takes milliseconds.
 */
export function collectYoung(): void {
  (globalThis as { gc?: Collect }).gc?.({ type: "minor" });
}
