import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { simulatedModels, type SimulatedModel } from "../../../src/simulators/index.ts";
import { answerPrompt } from "../../../src/simulators/mind/answer.ts";
import type { Prompt } from "../../../src/simulators/mind/prompt.ts";
import { countTokens, splitTokens } from "../../../src/simulators/mind/tokens.ts";
import { newPrompt } from "./new-prompt.ts";

const [model] = simulatedModels as [SimulatedModel];

function answer(changed: Partial<Prompt>) {
  let made = 0;
  const newToolUseId = () => `id${(made += 1)}`;
  return answerPrompt(newPrompt(changed), { model, seed: 1, newToolUseId });
}

const textOf = (changed: Partial<Prompt>): string =>
  answer(changed)
    .blocks.map((block) => (block.type === "toolUse" ? "" : block.text))
    .join("");

const tool = (name: string, schema: unknown = { type: "object", properties: {} }) => ({
  name,
  description: "",
  schema,
});
const calledIn = (changed: Partial<Prompt>) =>
  answer(changed).blocks.flatMap((block) => (block.type === "toolUse" ? block.name : []));

describe("tokens", () => {
  test("split any text into pieces that join to it again, as many as are counted", () => {
    const property = fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
      const pieces = splitTokens(text);
      expect(pieces.join("")).toBe(text);
      if (text.trim() !== "") expect(pieces).toHaveLength(countTokens(text));
    });
    fc.assert(property, { numRuns: 500 });
  });

  test("are counted in time that grows with the text alone, however it is made", () => {
    const spaces = " ".repeat(400_000);
    expect(countTokens(`a${spaces}`)).toBe(1);
    expect(splitTokens(`a${spaces}`)).toEqual([`a${spaces}`]);
  });

  test("are up to five letters in a row, or one other character", () => {
    expect(splitTokens("Hello, wonderful world!")).toEqual([
      "Hello",
      ",",
      " wonde",
      "rful",
      " world",
      "!",
    ]);
  });
});

describe("what is said", () => {
  test("known words are repeated to the letter, and numbers counted", () => {
    expect(textOf({ text: "Repeat: A – B\nC" })).toBe("A – B\nC");
    expect(textOf({ text: "Count from 3 to 6" })).toBe("3, 4, 5, 6");
  });

  test("prose is the same for the same prompt, and another for another", () => {
    const [first, second] = ["Explain tides.", "Explain clouds."];
    expect(textOf({ text: first })).toBe(textOf({ text: first }));
    expect(textOf({ text: first })).not.toBe(textOf({ text: second }));
  });

  test("prose is as long as what was asked for", () => {
    const words = (text: string) => countTokens(textOf({ text }));
    expect(words("Explain tides in one sentence.")).toBeLessThan(70);
    expect(words("Write a long essay on tides.")).toBeGreaterThan(300);
  });

  test("attachments and failed tools are spoken of", () => {
    expect(
      textOf({ attachments: [{ kind: "document", format: "csv", bytes: 9, name: "A" }] }),
    ).toContain('I see the document "A" (csv, 9 bytes).');
    expect(textOf({ toolResults: [{ id: "t", text: "no route", failed: true }] })).toBe(
      "The tool failed: no route",
    );
  });

  test("thinking comes first", () => {
    const { blocks } = answer({ text: "What is 2 + 3?", thinkingTokens: 1024 });
    expect(blocks.map((block) => block.type)).toEqual(["reasoning", "text"]);
  });
});

describe("where an answer ends", () => {
  const counting = { text: "Count from 1 to 50" };

  test.each([1, 2, 7, 98])("after %i tokens at most", (maxTokens) => {
    const cut = answer({ ...counting, maxTokens });
    expect(cut).toMatchObject({ stopReason: "max_tokens", outputTokens: maxTokens });
    const whole = textOf(counting);
    expect(whole.startsWith(textOf({ ...counting, maxTokens }))).toBe(true);
  });

  test("by itself where the limit is met exactly", () => {
    const { outputTokens } = answer(counting);
    expect(answer({ ...counting, maxTokens: outputTokens }).stopReason).toBe("end_turn");
    expect(answer({ ...counting, maxTokens: outputTokens - 1 }).stopReason).toBe("max_tokens");
  });

  test("before the first of its stop sequences, without it", () => {
    const stopped = answer({ ...counting, stopSequences: ["7", ", 4"] });
    expect(stopped).toMatchObject({
      stopReason: "stop_sequence",
      stopSequence: ", 4",
      blocks: [{ type: "text", text: "1, 2, 3" }],
    });
  });

  test("without a block where the stop sequence is at the very beginning", () => {
    expect(answer({ ...counting, stopSequences: ["1"] })).toMatchObject({
      blocks: [],
      stopReason: "stop_sequence",
      outputTokens: 0,
    });
  });

  test("where the window is full", () => {
    const inputTokens = model.contextWindow - 5;
    expect(answer({ ...counting, inputTokens })).toMatchObject({
      stopReason: "model_context_window_exceeded",
      outputTokens: 5,
    });
  });

  test("before a tool call that does not fit", () => {
    const call = {
      text: "use the tool",
      tools: [tool("get_weather")],
      toolChoice: { type: "any" },
    } as const;
    expect(answer({ ...call, maxTokens: 2 })).toMatchObject({
      blocks: [],
      stopReason: "max_tokens",
      outputTokens: 2,
    });
  });
});

describe("which tools are called", () => {
  const tools = [tool("get_weather"), tool("searchFlights"), tool("f")];

  test.each<[string, Partial<Prompt>, string[]]>([
    ["by its subject", { text: "How is the weather?" }, ["get_weather"]],
    ["by a camel-cased subject", { text: "Any flights today?" }, ["searchFlights"]],
    ["by name", { text: "call searchFlights" }, ["searchFlights"]],
    [
      "both that are meant",
      { text: "weather and flights, please" },
      ["get_weather", "searchFlights"],
    ],
    [
      "one where parallel calls are off",
      { text: "weather and flights, please", parallelTools: false },
      ["get_weather"],
    ],
    ["none that is not meant", { text: "Tell me a joke" }, []],
    [
      "the first where one must be called",
      { text: "Tell me a joke", toolChoice: { type: "any" } },
      ["get_weather"],
    ],
    ["the one that is named", { text: "weather", toolChoice: { type: "tool", name: "f" } }, ["f"]],
    ["none where none may be", { text: "weather", toolChoice: { type: "none" } }, []],
    [
      "none after its result",
      { text: "weather", toolResults: [{ id: "t", text: "sun", failed: false }] },
      [],
    ],
  ])("%s", (_what, prompt, names) => {
    expect(calledIn({ tools, ...prompt })).toEqual(names);
  });

  test("their inputs are made of the prompt's words", () => {
    const schema = {
      type: "object",
      properties: {
        city: { type: "string" },
        days: { type: "integer" },
        unit: { enum: ["C", "F"] },
      },
      required: ["city"],
    };
    const { blocks } = answer({
      text: "The weather in New York for 3 days, in F",
      tools: [tool("get_weather", schema)],
    });
    expect(blocks.at(-1)).toMatchObject({ input: { city: "New York", days: 3, unit: "F" } });
  });
});
