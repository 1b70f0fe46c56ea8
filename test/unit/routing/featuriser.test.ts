import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  denseNames,
  featureHash,
  Featuriser,
  FeatureVector,
  plainQuestion,
  needsOf,
  slotCount,
  supportOf,
  type Question,
} from "../../../src/routing/index.ts";
import { plainFeatures } from "../../support/plain-features.ts";
import { unfamiliarIn } from "../../../src/routing/features/unfamiliar.ts";

const featuriser = new Featuriser();

function featuresOf(question: Question | string, by = featuriser): FeatureVector {
  const vector = new FeatureVector();
  by.featurise(typeof question === "string" ? plainQuestion(question) : question, vector);
  return vector;
}

const slotsOf = (text: string): number[] => {
  const { slots, count } = featuresOf(text);
  return [...slots.subarray(0, count)];
};

const wordSlots = (text: string): number[] => slotsOf(text).filter((slot) => slot < slotCount / 2);

const denseOf = (question: Question | string): Record<string, number> => {
  const { dense } = featuresOf(question);
  return Object.fromEntries(denseNames.map((name, place) => [name, dense[place] ?? Number.NaN]));
};

/** Of all units, and of such as meet in words, numbers, marks and runs of spaces. */
const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 3_500 }),
  fc
    .array(fc.constantFrom(" ", "\n\t", "12", "7", "a", "The", "ß", "?", "{", "\\", "日本", "α"), {
      maxLength: 2_000,
    })
    .map((parts) => parts.join("")),
);

describe("the featuriser", () => {
  // Models are trained on these numbers: where they change, every model must be trained again.
  it("makes the same features everywhere and in every release", () => {
    expect(featureHash()).toBe("8052692e");
    const { slots, values, count } = featuresOf("2 + 2?");
    expect([...slots.subarray(0, count)]).toEqual([
      17078, 11277, 16819, 8900, 17073, 17559, 32044, 61475, 32836, 55250, 53192, 54573, 44239,
      50252, 36466, 46734, 53405, 39602,
    ]);
    expect([...values.subarray(0, count)].map((value) => value.toFixed(4))).toEqual([
      "0.3780",
      "0.3780",
      "0.3780",
      "0.3780",
      "-0.3780",
      "0.3780",
      "-0.3780",
      "-0.3015",
      "0.3015",
      "0.3015",
      "-0.3015",
      "-0.3015",
      "0.3015",
      "0.3015",
      "-0.3015",
      "-0.3015",
      "0.3015",
      "-0.3015",
    ]);
  });

  it("makes of any text what its rules say, to the last bit", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { slots, values, count, words } = featuresOf(text);
        const plainly = plainFeatures(text);
        expect([...slots.subarray(0, count)]).toEqual(plainly.slots);
        expect([...values.subarray(0, count)]).toEqual(plainly.values);
        expect(words).toBe(plainly.words);
      }),
    );
  });

  it("gives each half a length of 1, names no slot twice, and stays inside the slots", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "binary", maxLength: 4_000 }), (text) => {
        const { slots, values, count } = featuresOf(text);
        const halves: [number, number] = [0, 0];
        for (let index = 0; index < count; index += 1) {
          halves[slots[index]! < slotCount / 2 ? 0 : 1] += values[index]! ** 2;
        }
        expect(new Set(slots.subarray(0, count)).size).toBe(count);
        for (const squares of halves) if (squares > 0) expect(squares).toBeCloseTo(1, 4);
      }),
    );
  });

  it("remembers nothing of the question before, question after question", () => {
    const used = new Featuriser();
    const texts = ["alpha beta", "beta gamma", "gamma", ""];
    for (let turn = 0; turn < 40; turn += 1) {
      const text = texts[turn % texts.length] ?? "";
      expect(featuresOf(text, used)).toEqual(featuresOf(text, new Featuriser()));
    }
  });

  it("reads 3,000 characters and says that there were more", () => {
    const [short, long] = ["ab ".repeat(1_000), `${"ab ".repeat(1_000)}entirely other words`];
    expect(slotsOf(long)).toEqual(slotsOf(short));
    expect([denseOf(short)["cut"], denseOf(long)["cut"]]).toEqual([0, 1]);
  });

  it.each([
    ["capitals and runs of spaces", "What  IS\n\nthis", "what is this"],
    ["which number it is, given its digits", "add 12 and 345", "add 98 and 760"],
  ])("takes no word for another because of %s", (_, left, right) => {
    expect(wordSlots(left)).toEqual(wordSlots(right));
  });

  it.each([
    ["order", "dog bites man", "man bites dog"],
    ["a mark", "f(x)", "f x"],
    ["how many digits a number has", "add 12", "add 1200"],
  ])("tells texts apart by %s", (_, left, right) => {
    expect(wordSlots(left)).not.toEqual(wordSlots(right));
  });

  it("shows tools, their schemas, images, earlier turns and other scripts as features of their own", () => {
    const bare = denseOf("Book it");
    const rich = denseOf({
      text: "Забронируй",
      earlierTurns: 3,
      tools: 2,
      schemaCharacters: 900,
      images: 1,
    });
    for (const name of ["earlier_turns", "tools", "schema_size", "images", "foreign_letters"]) {
      expect([name, bare[name], rich[name]! > 0]).toEqual([name, 0, true]);
    }
  });

  it("has dense features from 0 to about 1, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 3_500 }), (text) => {
        for (const value of Object.values(denseOf(text))) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThan(1.5);
        }
      }),
    );
  });
});

describe("the question of a request", () => {
  it("takes the last user's text, and counts what else the request holds", () => {
    const { question } = needsOf({
      model: "m",
      messages: [
        { role: "system", content: "Be brief" },
        { role: "user", content: "First" },
        { role: "assistant", content: "Answer" },
        {
          role: "user",
          content: [
            { type: "text", text: "What is" },
            { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
            { type: "text", text: "on it?" },
          ],
        },
      ],
      tools: [{ type: "function", function: { name: "look", parameters: { type: "object" } } }],
    });
    expect(question).toEqual({
      text: "What is\non it?",
      earlierTurns: 2,
      tools: 1,
      schemaCharacters: expect.any(Number),
      images: 1,
    });
    const exact = JSON.stringify({ name: "look", parameters: { type: "object" } }).length;
    expect(Math.abs(question.schemaCharacters - exact)).toBeLessThan(exact / 10);
  });
});

describe("what the training data never held", () => {
  const support = supportOf([featuresOf("Plain words").dense, featuresOf("¿Qué?").dense]);

  it.each([
    ["a plain question", plainQuestion("Any words"), []],
    ["another script", plainQuestion("日本の首都は"), ["foreign_letters"]],
    ["more than is read", plainQuestion("x".repeat(3_001)), ["cut"]],
    ["tools", { ...plainQuestion("Book it"), tools: 1 }, ["tools"]],
    [
      "a history with an image",
      { ...plainQuestion("And?"), earlierTurns: 4, images: 1 },
      ["earlier_turns", "images"],
    ],
  ] as const)("names for %s", (_, question, expected) => {
    expect(unfamiliarIn(featuresOf(question).dense, support)).toEqual(expected);
  });
});
