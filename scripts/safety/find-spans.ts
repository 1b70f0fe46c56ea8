import { makeFilter } from "../../src/safety/index.ts";
import type { CorpusType, Span } from "./score.ts";

const typeOfRule: readonly (readonly [RegExp, CorpusType])[] = [
  [/^pii\/email$/, "Email"],
  [/^pii\/phone$/, "Phone"],
  [/^pii\/credit-card$/, "Card"],
  [/^pii\/iban$/, "Iban"],
  [/^pii\/national-id\//, "NationalId"],
  [/^pii\/ip-address$/, "IpAddress"],
  [/^pii\/birth-date$/, "BirthDate"],
  [/^secrets\//, "Secret"],
];

const filters = (["Pii", "Secrets"] as const).map((type) => {
  const made = makeFilter({ name: type, type });
  if (!made.ok) throw new Error(made.error);
  return made.value;
});

/** What the filters find with their defaults, in the words of a corpus. */
export const findSpans = (text: string): Span[] =>
  filters
    .flatMap((filter) => filter.inspect(text).matches)
    .flatMap(({ rule, start, end }) => {
      const type = typeOfRule.find(([pattern]) => pattern.test(rule))?.[1];
      return type === undefined ? [] : [{ start, end, type }];
    });
