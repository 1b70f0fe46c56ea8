export interface Distribution {
  min: number;
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

/** By nearest rank: each figure was measured. @throws RangeError where there is none */
export function distributionOf(values: readonly number[]): Distribution {
  const sorted = values.toSorted((left, right) => left - right);
  if (sorted.length === 0) throw new RangeError("Nothing was measured");
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { min: at(0), p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
