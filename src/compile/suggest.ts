import { closestName } from "../api/index.ts";

/** Names that are compared in one compile at most: suggestions are a courtesy, and cost a letter by letter comparison. */
const maxComparisons = 50_000;

/** Guesses which of the known names was meant, each wrong one once, until its time is up. */
export function suggester(known: readonly string[]): (wrong: string) => string | undefined {
  const guesses = new Map<string, string | undefined>();
  let left = maxComparisons;
  return (wrong) => {
    if (!guesses.has(wrong)) {
      left -= known.length;
      guesses.set(wrong, left < 0 ? undefined : closestName(wrong, known));
    }
    return guesses.get(wrong);
  };
}
