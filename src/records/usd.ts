// Prices are whole pico-USD a token, so a cost is a whole number of pico-USD. One correctly rounded
// division gives the double nearest to the decimal: below 9,007 USD its shortest decimal form, which
// is what JSON writes, is the exact amount with at most twelve places.

/** USD from whole pico-USD (1e-12). */
export const usdFromPico = (pico: number): number => pico / 1e12;

/** USD from whole micro-USD (1e-6). */
export const usdFromMicro = (micro: number): number => micro / 1e6;
