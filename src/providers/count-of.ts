/** More than any answer holds; sums and prices of such counts stay numbers that can be reckoned with. */
const mostCounted = 1_000_000_000;

/** A count, of tokens mostly, as an answer tells it; undefined for anything else. */
export const countOf = (value: unknown): number | undefined =>
  typeof value === "number" && value >= 0 && value <= mostCounted ? Math.floor(value) : undefined;
