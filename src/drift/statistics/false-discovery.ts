/**
 * Benjamini and Hochberg: what share of alarms would be false if all with a value at most this one
 * were raised. In the order of the p-values given; nulls, which nobody tested, do not count.
 */
export function falseDiscovery(pValues: readonly (number | null)[]): (number | null)[] {
  const tested = pValues.flatMap((pValue, index) => (pValue === null ? [] : [{ pValue, index }]));
  tested.sort((left, right) => right.pValue - left.pValue);
  const qValues: (number | null)[] = pValues.map(() => null);
  let least = 1;
  for (const [place, { pValue, index }] of tested.entries()) {
    least = Math.min(least, (pValue * tested.length) / (tested.length - place));
    qValues[index] = least;
  }
  return qValues;
}
