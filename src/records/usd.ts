// Prices are whole pico-USD a token, so a cost is a whole number of pico-USD. One correctly rounded
// division gives the double nearest to the decimal: below 1,000 USD, that is with up to fifteen digits, its
// shortest decimal form, which is what JSON writes, is the exact amount.

/** USD from whole pico-USD (1e-12). */
export const usdFromPico = (pico: number): number => pico / 1e12;

/** The whole pico-USD that `usdFromPico` was given: exact below 1,000 USD, and so for any one request. */
export const picoFromUsd = (usd: number): number => Math.round(usd * 1e12);

/** The exact amount in digits, without an exponent; negative too. */
export function decimalUsd(pico: bigint): string {
  const digits = String(pico < 0n ? -pico : pico).padStart(13, "0");
  const fraction = digits.slice(-12).replace(/0+$/, "");
  const sign = pico < 0n ? "-" : "";
  return `${sign}${digits.slice(0, -12)}${fraction === "" ? "" : `.${fraction}`}`;
}
