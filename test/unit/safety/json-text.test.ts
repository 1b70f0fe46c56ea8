import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeInRaw, readJsonText, redactJson } from "../../../src/safety/index.ts";
import type { Match } from "../../../src/safety/index.ts";

const escape = (text: string): string =>
  Array.from(text, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
const match = (start: number, end: number): Match => ({ rule: "x/y", start, end });

/** The matches of a word in a JSON text as it is read, with their places in the raw text. */
function find(raw: string, word: string): Match[] {
  const json = readJsonText(raw);
  const found: Match[] = [];
  for (let at = json.read.indexOf(word); at >= 0; at = json.read.indexOf(word, at + 1))
    found.push(placeInRaw(json, match(at, at + word.length)));
  return found;
}

describe("a JSON text as filters read it", () => {
  it.each([
    ["plain", '{"a":"jane"}', '{"a":"jane"}'],
    ["escaped", String.raw`{"a":"\"j\u0061ne\"\n\\"}`, '{"a":""jane"\n\\"}'],
    ["cut off in an escape", String.raw`{"a":"\u00`, '{"a":"u00'],
    ["cut off behind a backslash", '{"a":"\\', '{"a":"\\'],
  ])("has its escapes resolved: %s", (_, raw, read) => {
    expect(readJsonText(raw).read).toBe(read);
  });

  it.each([
    ["a part of a string", '{"a":"to jane now"}', '{"a":"to <jane> now"}'],
    ["a key", '{"jane":1}', '{"<jane>":1}'],
    ["an escaped one", `{"a":"${escape("jane")}"}`, '{"a":"<jane>"}'],
    ["twice in a string", '["jane, jane"]', '["<jane>, <jane>"]'],
  ])("is redacted in %s", (_, raw, expected) => {
    expect(redactJson(raw, find(raw, "jane"), (_match, found) => `<${found}>`)).toBe(expected);
  });

  it("has a number replaced as a whole, by a string", () => {
    const raw = '{"n":4111111111111111}';
    expect(redactJson(raw, [match(5, 9)], () => "N")).toBe('{"n":"N"}');
  });

  it("keeps quotes and commas of what is found over several strings", () => {
    const raw = '["say jane","doe now"]';
    expect(redactJson(raw, [match(6, 16)], () => "X")).toBe('["say X","X now"]');
  });

  it("stays JSON of the same form, whatever is found in it", () => {
    const span = fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 20 }));
    fc.assert(
      fc.property(fc.json(), fc.array(span, { maxLength: 5 }), (raw, spans) => {
        const json = readJsonText(raw);
        let behind = 0;
        const matches = spans
          .map(([at, size]) => {
            const start = behind + (at % 20);
            behind = start + size;
            return match(start, behind);
          })
          .filter(({ end }) => end <= json.read.length)
          .map((found) => placeInRaw(json, found));
        const redacted = redactJson(raw, matches, () => '["\\ \n');
        expect(() => JSON.parse(redacted) as unknown).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});
