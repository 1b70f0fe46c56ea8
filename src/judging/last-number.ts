/** With groups of three digits or without, a sign, a fraction and an exponent. */
const number = /(?<![\w.])[-+−]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:e[-+]?\d{1,3})?/gi;

/** A longer answer than this says its number at its end. */
const tail = 4_000;

/**
 * The last number that a text says, which is where models put the result; undefined where there is none.
 * `1,234.5` is one number, `$1.50.` is 1.5, and the digits of `GPT4` are none.
 */
export function lastNumber(text: string): number | undefined {
  const found = text.slice(-tail).match(number)?.at(-1);
  if (found === undefined) return undefined;
  const value = Number(found.replaceAll(",", "").replace("−", "-"));
  return Number.isFinite(value) ? value : undefined;
}
