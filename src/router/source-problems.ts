import type { RouterParts } from "./parts.ts";

/** What the source of the tables has to complain of, and issuers whose tokens cannot be verified, or soon cannot. */
export function sourceProblems(parts: Pick<RouterParts, "tables" | "callers">): string[] {
  return [...parts.tables.problems, ...issuerProblems(parts)];
}

function issuerProblems({ callers }: Pick<RouterParts, "callers">): string[] {
  return callers.issuers().flatMap(({ issuer, keys, problem }) => {
    if (problem === null) return [];
    const whose = issuer === null ? "the cluster" : issuer;
    const state = keys === 0 ? "there are none" : "older ones are used for an hour at most";
    return [`The keys of ${whose} cannot be fetched, and ${state}: ${problem}`];
  });
}
