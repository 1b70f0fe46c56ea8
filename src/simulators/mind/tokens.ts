// White space belongs to the token after it, so the pieces of a text always join to that text again.
const token = /\s*(?:[\p{L}\p{N}\p{M}]{1,5}|[^\s\p{L}\p{N}\p{M}])/gu;

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

/** The tokens of a text in order; trailing white space belongs to the last one. */
export function splitTokens(text: string): string[] {
  const pieces = text.match(token) ?? [];
  const tail = text.slice(pieces.reduce((length, piece) => length + piece.length, 0));
  if (tail === "") return pieces;
  return pieces.length === 0 ? [tail] : [...pieces.slice(0, -1), pieces[pieces.length - 1] + tail];
}

/** Tokens of an image or a document: one for 750 bytes, and 85 for being there. */
export const countMediaTokens = (bytes: number): number => 85 + Math.ceil(bytes / 750);
