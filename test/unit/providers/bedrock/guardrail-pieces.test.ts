import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  guardrailPieces,
  longestPiece,
} from "../../../../src/providers/bedrock/guardrail-pieces.ts";

const word = fc.constantFrom("word", "ö", "漢字", "🚂", " ", "  ", ". ", "\n", "\n\n", "\n \n");

/** A text of some length, of a few words repeated: such lengths are not drawn letter by letter. */
const longText = fc
  .tuple(fc.array(word, { minLength: 1, maxLength: 40 }), fc.nat(3 * longestPiece))
  .map(([words, length]) => words.join("").repeat(length).slice(0, length));

describe("a text for a guardrail", () => {
  it("goes in pieces that are the text again when they are joined, none too long or halving a character", () => {
    fc.assert(
      fc.property(longText, (text) => {
        const pieces = guardrailPieces(text);
        expect(pieces.join("") === text).toBe(true);
        for (const [index, piece] of pieces.entries()) {
          expect(piece.length).toBeLessThanOrEqual(longestPiece);
          // The text itself may have been cut in the middle of a character.
          if (index < pieces.length - 1) expect(piece.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("goes in one where it is as long as may be", () => {
    expect(guardrailPieces("a".repeat(longestPiece))).toHaveLength(1);
    expect(guardrailPieces("")).toEqual([""]);
  });

  const plain = "abc-def-".repeat(3_000);
  it.each([
    ["a paragraph's end", "one. Two\nthree\n\n", "four five. Six\n seven"],
    ["a line's end", "one. Two\n", "three four. Five six"],
    ["a sentence's end", "one. Two three? ", "four five"],
    ["a word's end", "one, two, ", "threefourfive"],
  ])("is cut at %s, where one is near", (_title, head, tail) => {
    const text = `${plain}${head}${tail}${"x".repeat(longestPiece)}`;
    expect(guardrailPieces(text)[0]?.slice(plain.length)).toBe(head);
  });
});
