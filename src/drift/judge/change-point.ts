/** What a window measured, with its place in time. */
export interface Dated {
  /** ms since the epoch, when the window begins. */
  from: number;
  value: number;
}

/**
 * When a series changed for good: the split into before and after whose means lie furthest apart for
 * how many windows they rest on.
 *
 * @param dated by time
 * @returns when the first window after it begins; null where there are not two
 */
export function changePoint(dated: readonly Dated[]): number | null {
  const total = dated.reduce((sum, { value }) => sum + value, 0);
  let before = 0;
  let furthest = -1;
  let at: number | null = null;
  for (let count = 1; count < dated.length; count += 1) {
    before += dated[count - 1]?.value ?? 0;
    const rest = dated.length - count;
    const gap = Math.abs(before / count - (total - before) / rest);
    const contrast = gap * Math.sqrt((count * rest) / dated.length);
    if (contrast <= furthest) continue;
    furthest = contrast;
    at = dated[count]?.from ?? null;
  }
  return at;
}
