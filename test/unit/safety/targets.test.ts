import { describe, expect, it } from "vitest";
import { makeCorpus } from "../../../scripts/safety/corpus.ts";
import { findSpans } from "../../../scripts/safety/find-spans.ts";
import { corpusTypes, score, type CorpusType } from "../../../scripts/safety/score.ts";

// Phones have as many forms as there are people; secrets as many as vendors.
const targets: Partial<Record<CorpusType, { precision: number; recall: number }>> = {
  Phone: { precision: 0.9, recall: 0.9 },
  Secret: { precision: 0.95, recall: 0.95 },
};

describe("of the corpus that npm run eval:safety makes", () => {
  const documents = makeCorpus();
  const { types } = score(documents, findSpans);

  it.each(corpusTypes)("the filters find enough, and little else: %s", (type) => {
    const { precision, recall } = targets[type] ?? { precision: 0.98, recall: 0.97 };
    expect(types[type].precision).toBeGreaterThanOrEqual(precision);
    expect(types[type].recall).toBeGreaterThanOrEqual(recall);
    expect(types[type].n).toBeGreaterThanOrEqual(300);
  });

  it("as many texts hold nothing as hold something, and every text is the same each time", () => {
    const empty = documents.filter(({ spans }) => spans.length === 0).length;
    expect(empty * 2).toBe(documents.length);
    expect(makeCorpus()).toEqual(documents);
  });
});
