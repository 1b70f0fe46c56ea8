import type {
  AccuracyLabel,
  DistributionSeries,
  DistributionSignal,
  Histogram,
  Window,
} from "../../../../src/drift/index.ts";

export const day = 86_400_000;
export const at = Date.UTC(2026, 10, 28, 3, 20);

/** Whole days, the newest last. */
export const days = (count: number): Window[] =>
  Array.from({ length: count }, (_, index) => {
    const to = at - (count - 1 - index) * day;
    return { from: to - day, to };
  });

/** All values between the bounds that stand about `value`. */
function histogramAt(value: number, count: number): Histogram {
  const bounds = Array.from({ length: 60 }, (_, index) => 0.01 * 1.25 ** index);
  const place = bounds.findIndex((bound) => value <= bound);
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  for (const [offset, share] of [0.1, 0.2, 0.4, 0.2, 0.1].entries())
    counts[place - 2 + offset] = share * count;
  return { bounds, counts, sum: value * count };
}

export const series = (
  values: readonly (number | null)[],
  { signal = "latency" as DistributionSignal, backend = "large", count = 1_000 } = {},
): DistributionSeries => ({
  key: { route: "assistant", backend, tenant: null },
  signal,
  windows: values.map((value) => (value === null ? null : histogramAt(value, count))),
});

export const label = (given: Partial<AccuracyLabel> & { backend?: string } = {}): AccuracyLabel => {
  const { backend = "small", ...rest } = given;
  return {
    key: { route: "assistant", backend, tenant: null },
    ts: at,
    score: 1,
    source: "golden",
    promptId: "golden:exam/1",
    baselineScore: null,
    ...rest,
  };
};
