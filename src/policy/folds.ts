import { hashText } from "../lib/index.ts";

/**
 * The fold of each text, from 0 on, by a hash of what it says: the same text in another writing falls
 * into the same fold, whatever stands around it.
 */
export function foldsOf(texts: readonly string[], folds: number, seed: number): Uint8Array {
  return Uint8Array.from(texts, (text) => {
    const plain = text.toLowerCase().replaceAll(/\s+/g, " ").trim();
    return hashText(`${seed} ${plain}`) % folds;
  });
}

/** The places whose fold it is, and all others. */
export function splitBy(
  folds: Uint8Array,
  fold: number,
): { inside: readonly number[]; outside: readonly number[] } {
  const inside: number[] = [];
  const outside: number[] = [];
  for (const [place, of] of folds.entries()) (of === fold ? inside : outside).push(place);
  return { inside, outside };
}
