interface Said {
  text: string;
}

/** What contextual grounding made of an answer. */
interface Grounding {
  blocked: boolean;
  /** All that was compared. */
  characters: number;
  policy: { filters: object[] };
}

const threshold = 0.5;

/**
 * Whether an answer's words stand in its source, and its question's in the answer: a share of them each,
 * where AWS asks a model. Undefined where there is no source to hold it against.
 */
export function groundingOf(
  guarded: readonly Said[],
  { sources, queries }: { sources: readonly Said[]; queries: readonly Said[] },
): Grounding | undefined {
  if (sources.length === 0 || queries.length === 0) return undefined;
  const [answer, source, query] = [guarded, sources, queries].map(joined) as [
    string,
    string,
    string,
  ];
  const filters = [
    filter("GROUNDING", shareOf(answer, source)),
    filter("RELEVANCE", shareOf(query, answer)),
  ];
  return {
    blocked: filters.some(({ action }) => action === "BLOCKED"),
    characters: answer.length + source.length + query.length,
    policy: { filters },
  };
}

const filter = (type: string, score: number) => ({
  type,
  threshold,
  score,
  action: score < threshold ? "BLOCKED" : "NONE",
  detected: score < threshold,
});

const joined = (blocks: readonly Said[]): string => blocks.map(({ text }) => text).join(" ");

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [];

function shareOf(words: string, among: string): number {
  const known = new Set(wordsOf(among));
  const wanted = wordsOf(words);
  return wanted.length === 0 ? 1 : wanted.filter((word) => known.has(word)).length / wanted.length;
}
