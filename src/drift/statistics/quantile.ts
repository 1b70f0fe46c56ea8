import type { Curve } from "./curve.ts";

const at = (values: Float64Array, index: number): number => values[index] ?? 0;

/**
 * The place below which a share lies. Between bounds the curve is a monotone cubic (Fritsch and
 * Carlson): with bounds that double, a straight line would be off by as much as a drift.
 */
export function quantile(curve: Curve, share: number): number {
  const { grid, shares } = curve;
  const cell = firstReaching(shares, share);
  const from = at(grid, cell - 1);
  const width = at(grid, cell) - from;
  const low = at(shares, cell - 1);
  const rise = at(shares, cell) - low;
  if (!(rise > 0)) return from + width;
  const part = solveCubic(
    (slopeAt(curve, cell - 1) * width) / rise,
    (slopeAt(curve, cell) * width) / rise,
    (share - low) / rise,
  );
  return from + part * width;
}

/** The first bucket, from 1, at whose upper bound so many lie below. */
function firstReaching(shares: Float64Array, share: number): number {
  let low = 1;
  let high = shares.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(shares, middle) >= share) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The harmonic mean of the slopes beside it, which keeps the curve from ever falling; 0 at the ends. */
function slopeAt({ grid, shares }: Curve, index: number): number {
  if (index <= 0 || index >= grid.length - 1) return 0;
  const widthBefore = at(grid, index) - at(grid, index - 1);
  const widthAfter = at(grid, index + 1) - at(grid, index);
  const before = (at(shares, index) - at(shares, index - 1)) / widthBefore;
  const after = (at(shares, index + 1) - at(shares, index)) / widthAfter;
  if (before <= 0 || after <= 0) return 0;
  const weightBefore = 2 * widthAfter + widthBefore;
  const weightAfter = widthAfter + 2 * widthBefore;
  return (weightBefore + weightAfter) / (weightBefore / before + weightAfter / after);
}

/** Where a cubic from (0, 0) to (1, 1) with these slopes at its ends reaches a height, by halving. */
function solveCubic(slopeBefore: number, slopeAfter: number, height: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 24; step += 1) {
    const middle = (low + high) / 2;
    const square = middle * middle;
    const cube = square * middle;
    const value =
      slopeBefore * (cube - 2 * square + middle) +
      (3 * square - 2 * cube) +
      slopeAfter * (cube - square);
    if (value < height) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** How far a quantile of n requests is off by chance, times √n: half the way between two near shares. */
export function quantileNoise(curve: Curve, share: number): number {
  const reach = Math.sqrt((share * (1 - share)) / 1_000);
  const low = quantile(curve, share - reach);
  return ((quantile(curve, Math.min(0.999, share + reach)) - low) / 2) * Math.sqrt(1_000);
}
