import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cueFinder } from "../../../src/safety/cues.ts";
import { nextLongWord } from "../../../src/safety/detector.ts";

const pieces = ["ignor", "ignore", "in", "instru", "instruction", "dan", "dance", "k", "s"];
const cue = fc.array(fc.constantFrom(...pieces, "dan\\b", "k\\b"), { minLength: 1, maxLength: 4 });
const text = fc
  .array(
    fc.constantFrom(
      ...pieces,
      ...pieces.map((piece) => piece.toUpperCase()),
      " ",
      "-",
      "e",
      "\u017f",
      "é",
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

describe("a finder of cues", () => {
  it("tells each cue of which a word begins somewhere, in any case, and none of which none does", () => {
    fc.assert(
      fc.property(fc.array(cue, { minLength: 1, maxLength: 31 }), text, (cues, whole) => {
        const standing = (form: (word: string) => string): boolean[] =>
          cues.map((words) =>
            words.some((word) => new RegExp(String.raw`\b${form(word)}`, "i").test(whole)),
          );
        const found = cueFinder(cues)(whole);
        const told = cues.map((_, index) => (found & (1 << index)) !== 0);
        const least = standing((word) => word);
        // A word that is to be whole is told where another cue has its beginning.
        const most = standing((word) => word.replace(String.raw`\b`, ""));
        expect(least.filter((stands, index) => stands && told[index] !== true)).toEqual([]);
        // Where a form of a letter stands that only some expressions take for it, all are told.
        if (!whole.includes("\u017f"))
          expect(most.filter((stands, index) => !stands && told[index] === true)).toEqual([]);
      }),
    );
  });

  it("takes no more cues than a number has bits", () => {
    expect(() => cueFinder(Array.from({ length: 32 }, () => ["word"]))).toThrow(RangeError);
  });
});

it("long words are those that splitting at white space gives, and no others", () => {
  const blanks = fc.constantFrom("a", "ab", "abcde", " ", "\n", "\t", "é");
  fc.assert(
    fc.property(
      fc.array(blanks, { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      (parts, least) => {
        const whole = parts.join("");
        const words: string[] = [];
        for (
          let word = nextLongWord(whole, 0, least);
          word !== undefined;
          word = nextLongWord(whole, word.end, least)
        )
          words.push(whole.slice(word.start, word.end));
        expect(words).toEqual(whole.split(/\s/).filter(({ length }) => length >= least));
      },
    ),
  );
});
