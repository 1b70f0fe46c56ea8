/** What a corpus may hold, as its lines name it. */
export const corpusTypes = [
  "Email",
  "Phone",
  "Card",
  "Iban",
  "NationalId",
  "IpAddress",
  "BirthDate",
  "Secret",
] as const;

export type CorpusType = (typeof corpusTypes)[number];

export interface Span {
  /** Offsets in UTF-16 units; `end` is exclusive. */
  start: number;
  end: number;
  type: CorpusType;
}

export interface Document {
  text: string;
  spans: readonly Span[];
}

export interface Score {
  /** The share of what was found that is right; 1 where nothing was found. */
  precision: number;
  /** The share of what is there that was found; 1 where nothing is there. */
  recall: number;
  /** How many there are. */
  n: number;
}

export interface Mistake {
  kind: "missed" | "mistaken";
  type: CorpusType;
  /** The text with some of what stands around it. */
  excerpt: string;
}

const overlap = (one: Span, other: Span): boolean =>
  one.type === other.type && one.start < other.end && other.start < one.end;

/** Any overlap of the same type is a hit. */
export function score(
  documents: readonly Document[],
  find: (text: string) => readonly Span[],
): { types: Record<CorpusType, Score>; mistakes: Mistake[] } {
  const judged = documents.map(({ text, spans }) => judge(text, spans, find(text)));
  const there = judged.flatMap((each) => each.there);
  const found = judged.flatMap((each) => each.found);
  const scored = corpusTypes.map((type): [CorpusType, Score] => {
    const recall = share(there, type);
    const precision = share(found, type);
    return [type, { precision: precision.of, recall: recall.of, n: recall.n }];
  });
  const mistakes = [...there, ...found].flatMap(({ mistake }) => mistake ?? []);
  return { types: Object.fromEntries(scored) as Record<CorpusType, Score>, mistakes };
}

interface Judged {
  type: CorpusType;
  /** Absent where it is right. */
  mistake?: Mistake;
}

function judge(
  text: string,
  there: readonly Span[],
  found: readonly Span[],
): { there: Judged[]; found: Judged[] } {
  const against =
    (others: readonly Span[], kind: Mistake["kind"]) =>
    (span: Span): Judged => {
      const { type, start, end } = span;
      if (others.some((other) => overlap(span, other))) return { type };
      return {
        type,
        mistake: { kind, type, excerpt: text.slice(Math.max(0, start - 40), end + 20) },
      };
    };
  return {
    there: there.map(against(found, "missed")),
    found: found.map(against(there, "mistaken")),
  };
}

/** The share of those of a type that are right, and how many there are. */
function share(judged: readonly Judged[], type: CorpusType): { of: number; n: number } {
  const some = judged.filter((each) => each.type === type);
  const right = some.filter(({ mistake }) => mistake === undefined).length;
  return { of: some.length === 0 ? 1 : right / some.length, n: some.length };
}
