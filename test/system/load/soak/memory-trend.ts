/** Memory at a time. */
export interface Sample {
  atMs: number;
  mib: number;
}

export interface Trend {
  /** The median of the second half. */
  levelMiB: number;
  /** By how much memory grew over the second half, by the straight line that fits it best. */
  growthMiB: number;
  isFlat: boolean;
}

/** Garbage comes and goes by so much: the ends of a flat line may differ by this. */
const leastMiB = 24;

/**
 * Whether memory has stopped growing. The first half is for warming up and is not looked at.
 *
 * @param share of the level, by which a flat line's ends may differ
 * @throws RangeError where the second half has fewer than ten samples: they would tell nothing
 */
export function trendOf(samples: readonly Sample[], share: number): Trend {
  const half = samples.slice(Math.floor(samples.length / 2));
  if (half.length < 10) throw new RangeError(`${half.length} samples tell no trend`);
  const values = half.map(({ mib }) => mib).toSorted((left, right) => left - right);
  const levelMiB = values[Math.floor(values.length / 2)] ?? 0;
  const spanMs = (half.at(-1)?.atMs ?? 0) - (half[0]?.atMs ?? 0);
  const growthMiB = slopeOf(half) * spanMs;
  return { levelMiB, growthMiB, isFlat: growthMiB < Math.max(leastMiB, levelMiB * share) };
}

/** Of least squares, in MiB a millisecond. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const meanAt = mean(({ atMs }) => atMs);
  const meanMib = mean(({ mib }) => mib);
  const covariance = mean(({ atMs, mib }) => (atMs - meanAt) * (mib - meanMib));
  return covariance / mean(({ atMs }) => (atMs - meanAt) ** 2);
}
