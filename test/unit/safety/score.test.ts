import { expect, it } from "vitest";
import { readCorpus } from "../../../scripts/safety/read-corpus.ts";
import { score } from "../../../scripts/safety/score.ts";

const span = (start: number, end: number, type: "Email" | "Phone" = "Email") => ({
  start,
  end,
  type,
});

it("counts any overlap of the same type as a hit, and nothing else", () => {
  const documents = [
    { text: "a".repeat(20), spans: [span(0, 5), span(10, 15)] },
    { text: "b".repeat(20), spans: [] },
  ];
  const { types } = score(documents, (text) =>
    text.startsWith("a") ? [span(4, 6), span(10, 12, "Phone")] : [span(0, 1)],
  );
  expect(types.Email).toEqual({ precision: 0.5, recall: 0.5, n: 2 });
  expect(types.Phone).toEqual({ precision: 0, recall: 1, n: 0 });
});

it("reads a corpus of JSON lines, and names the line that is none", () => {
  const line = JSON.stringify({ text: "a@b.com", spans: [span(0, 7)] });
  expect(readCorpus(`${line}\n\n`)).toEqual([JSON.parse(line)]);
  expect(() => readCorpus(`${line}\n{"text": 1}`)).toThrow(/^Line 2 /);
});
