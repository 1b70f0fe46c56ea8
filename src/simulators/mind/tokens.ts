// No white space here: looking for it before a token would take quadratic time over a long run of it.
const token = /[\p{L}\p{N}\p{M}]{1,5}|[^\s\p{L}\p{N}\p{M}]/gu;

/**
 * The rule by which all simulated models count: a token is up to five letters or digits in a row,
 * or any other single character that is not white space. English prose has 1.3 tokens a word.
 */
export function countTokens(text: string): number {
  let count = 0;
  token.lastIndex = 0;
  while (token.test(text)) count += 1;
  return count;
}

/** The tokens of a text in order, each with the white space before it; what is left belongs to the last. */
export function splitTokens(text: string): string[] {
  const ends = [...text.matchAll(token)].map((found) => found.index + found[0].length);
  if (ends.length === 0) return text === "" ? [] : [text];
  ends[ends.length - 1] = text.length;
  return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
}

/** Tokens of an image or a document: one for 750 bytes, and 85 for being there. */
export const countMediaTokens = (bytes: number): number => 85 + Math.ceil(bytes / 750);
