/**
 * A text without what makes no difference to an answer: forms of the same character, white space, marks of
 * emphasis and quotes around it, a full stop at its end, and case where that does not matter.
 */
export function normalized(text: string, caseSensitive: boolean): string {
  const plain = text.normalize("NFKC").replaceAll(/\s+/gu, " ");
  const bare = trimmed(plain);
  return caseSensitive ? bare : bare.toLowerCase();
}

const around = new Set([" ", "*", "_", "`", '"', "'", "“", "”", "‘", "’", "«", "»"]);
const atTheEnd = new Set([...around, ".", "!"]);

/** By hand: an expression that is anchored at the end is tried from every place, which a long answer could abuse. */
function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && around.has(text.charAt(from))) from += 1;
  while (to > from && atTheEnd.has(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}
