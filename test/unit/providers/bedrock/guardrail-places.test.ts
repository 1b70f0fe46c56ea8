import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placesOf } from "../../../../src/providers/bedrock/guardrail-places.ts";

const mask = (match: string, by = "NAME") => ({ rule: `pii/${by}`, match, by: `{${by}}` });

describe("the places that a guardrail masked", () => {
  it.each([
    ["one", [mask("Jo")], "Ask Jo.", "Ask {NAME}.", [[4, 6]]],
    [
      "one twice",
      [mask("Jo")],
      "Jo, Jo",
      "{NAME}, {NAME}",
      [
        [0, 2],
        [4, 6],
      ],
    ],
    ["the longer of two that fit", [mask("Jo"), mask("Jo Li")], "Jo Li!", "{NAME}!", [[0, 5]]],
    [
      "one beside braces of the text's own",
      [mask("Jo")],
      "{NAME} Jo {",
      "{NAME} {NAME} {",
      [[7, 9]],
    ],
    [
      "one of a part that stands unmasked elsewhere",
      [mask("Al")],
      "Also Al",
      "Also {NAME}",
      [[5, 7]],
    ],
  ])("are found for %s", (_title, masks, text, masked, places) => {
    expect(placesOf(masks, text, masked)?.map(({ start, end }) => [start, end])).toEqual(places);
  });

  it.each([
    ["the texts differ elsewhere", "Ask Jo.", "ask {NAME}."],
    ["a mask stands for something else", "Ask Li.", "Ask {NAME}."],
    ["the text goes on", "Ask Jo. Now", "Ask {NAME}."],
    ["nothing is masked", "Ask Li.", "Ask Li."],
  ])("are not known where %s", (_title, text, masked) => {
    expect(placesOf([mask("Jo")], text, masked)).toBeUndefined();
  });

  it("give the masked text again when they are replaced, whatever the text", () => {
    const part = fc.constantFrom("Jo", "Jo Li", "{NAME}", "{", "}", " and ", "é🚂", "NAME");
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }),
        fc.array(part, { minLength: 1 }),
        (parts, found) => {
          const masks = found.map((each) => mask(each));
          const text = parts.join("");
          const masked = parts.map((each) => (found.includes(each) ? "{NAME}" : each)).join("");
          const places = placesOf(masks, text, masked);
          if (places === undefined) return;
          const again = places.reduceRight(
            (rest, { start, end }) => `${rest.slice(0, start)}{NAME}${rest.slice(end)}`,
            text,
          );
          expect(again).toBe(masked);
        },
      ),
    );
  });
});
