/** One statistic of one window, beside what it would have to exceed. */
export interface Measured {
  difference: number;
  threshold: number;
  pValue: number;
  /** Which way the window went. */
  direction: "up" | "down";
}

export interface Verdict extends Measured {
  exceeds: boolean;
}

/** While one window alone can be judged it has to exceed by half again as much. */
const aloneFactor = 1.5;

/**
 * Two of three, of one statistic: what decides is the second largest of the windows' ratios, and the
 * p-value is that of the second least, for windows however dependent (Rüger: 3/2 of it).
 */
export function settle(windows: readonly Measured[]): Verdict {
  const ordered = windows.toSorted((left, right) => ratio(right) - ratio(left));
  const deciding = ordered[Math.min(1, ordered.length - 1)];
  if (deciding === undefined) throw new RangeError("No window was measured");
  const threshold = ordered.length === 1 ? deciding.threshold * aloneFactor : deciding.threshold;
  const pValues = windows.map(({ pValue }) => pValue).toSorted((left, right) => left - right);
  const second = pValues[Math.min(1, pValues.length - 1)] ?? 1;
  const pValue = windows.length < 3 ? second : Math.min(1, 1.5 * second);
  return { ...deciding, threshold, pValue, exceeds: deciding.difference > threshold };
}

export const ratio = ({ difference, threshold }: Measured): number =>
  threshold > 0 ? difference / threshold : 0;
