/**
 * A decimal string of US dollars, with at most six decimals, in whole units of 10^-`decimals` USD:
 * 6 gives micro-USD, and of a price per million tokens pico-USD a token. Exact, without floats.
 *
 * @param decimals at least 6
 * @throws RangeError where the amount is too large to be counted exactly; see `countable`
 */
export function scaledUsd(usd: string, decimals: number): number {
  const units = exactUnits(usd, decimals);
  if (units > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`${usd} USD has too many units of 1e-${decimals} to count exactly`);
  }
  return Number(units);
}

/** Whether `scaledUsd` can count the amount. */
export function countable(usd: string, decimals: number): boolean {
  return exactUnits(usd, decimals) <= BigInt(Number.MAX_SAFE_INTEGER);
}

function exactUnits(usd: string, decimals: number): bigint {
  const [whole = "0", fraction = ""] = usd.split(".");
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}
