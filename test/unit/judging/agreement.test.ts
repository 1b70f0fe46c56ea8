import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agreement } from "../../../src/judging/index.ts";
import type { ChatReply, ToolCall } from "../../../src/openai/index.ts";
import { reply } from "../../support/router-parts.ts";

const said = (text: string): ChatReply => reply({ text });
const called = (...calls: (readonly [name: string, given: string])[]): ChatReply =>
  reply({
    text: "",
    finishReason: "tool_calls",
    toolCalls: calls.map(([name, given], index): ToolCall => ({
      id: `call_${index}`,
      name,
      arguments: given,
    })),
  });

const prose =
  "There are several things to consider before anybody could answer that with confidence.";

describe("two answers agree", () => {
  it.each<[string, ChatReply, ChatReply]>([
    ["the same words, however they are dressed", said(" **Paris**. "), said("paris")],
    ["the same number in two spellings", said("1,234.50"), said("$1234.5")],
    ["a number, and a sentence that ends with it", said("42"), said("The answer is 42.")],
    ["a number, and prose that ends with it", said("42"), said(`${prose} So: 42`)],
    [
      "the same JSON with its keys in another order",
      said('{"a":1,"b":[2]}'),
      said('{"b":[2.0],"a":1}'),
    ],
    ["the same JSON in a fence", said('```json\n{"a": 1}\n```'), said('{"a":1}')],
    ["the same call", called(["find", '{"q": "x", "n": 1}']), called(["find", '{"n":1,"q":"x"}'])],
    [
      "the same calls in another order",
      called(["a", "{}"], ["b", "{}"]),
      called(["b", "{}"], ["a", "{}"]),
    ],
  ])("where they give %s", (_what, one, other) => {
    expect(agreement(one, other)).toBe(true);
    expect(agreement(other, one)).toBe(true);
  });
});

describe("two answers disagree", () => {
  it.each<[string, ChatReply, ChatReply]>([
    ["other words", said("Paris"), said("Lyon")],
    ["other numbers", said("41"), said("42")],
    ["a number and other words", said("42"), said("nobody knows")],
    ["other JSON", said('{"a":1}'), said('{"a":2}')],
    ["JSON and words", said('{"a":1}'), said("one")],
    ["a call and a text", called(["find", "{}"]), said("Paris")],
    ["calls of other tools", called(["find", "{}"]), called(["list", "{}"])],
    ["one call and two", called(["a", "{}"]), called(["a", "{}"], ["a", "{}"])],
    ["arguments that are no JSON, and such that are", called(["a", "{"]), called(["a", "{}"])],
  ])("where they give %s", (_what, one, other) => {
    expect(agreement(one, other)).toBe(false);
    expect(agreement(other, one)).toBe(false);
  });
});

describe("nothing is said of two answers", () => {
  it.each<[string, ChatReply, ChatReply]>([
    ["both are prose", said(prose), said(`${prose} Indeed.`)],
    ["one is prose", said(prose), said("Paris")],
    ["one is a number and the other prose without any", said("42"), said(prose)],
    ["one was cut off at its length", said("42"), reply({ text: "42", finishReason: "length" })],
    ["one was withheld", said("42"), reply({ text: "42", finishReason: "content_filter" })],
    ["one is empty", said(""), said("Paris")],
  ])("where %s", (_what, one, other) => {
    expect(agreement(one, other)).toBeUndefined();
    expect(agreement(other, one)).toBeUndefined();
  });

  it("and whatever the texts are, order does not matter and none disagrees with itself", () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.double().map(String), fc.lorem());
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(agreement(said(one), said(other))).toBe(agreement(said(other), said(one)));
        expect(agreement(said(one), said(one))).not.toBe(false);
      }),
    );
  });
});
