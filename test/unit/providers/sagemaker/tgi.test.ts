import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StopTrimmer } from "../../../../src/providers/sagemaker/stop-trimmer.ts";
import { huggingFaceTgi } from "../../../../src/providers/sagemaker/tgi.ts";
import { chatCall } from "./backends.ts";

const asked = (body: object) => huggingFaceTgi.body(chatCall(body), false);
const parametersOf = (body: object) => (asked(body) as { parameters: object }).parameters;

describe("the body for a text-generation container", () => {
  it("holds the conversation under plain titles, and room for the answer", () => {
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Look." },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "1", function: { name: "look", arguments: '{"at":"x"}' } }],
      },
      { role: "tool", tool_call_id: "1", content: "a tree" },
    ];
    expect(asked({ messages })).toEqual({
      inputs:
        'System: Be brief.\n\nUser: Look.\n\nAssistant: look({"at":"x"})\n\nTool: a tree\n\nAssistant:',
      parameters: {
        max_new_tokens: 2_048,
        stop: ["\n\nUser:"],
        return_full_text: false,
        details: true,
        do_sample: true,
        temperature: 1,
      },
      stream: false,
    });
  });

  it.each<[object, object]>([
    [{ temperature: 0 }, { do_sample: false }],
    [{ top_p: 0 }, { do_sample: false }],
    [
      { top_p: 1, temperature: 0.5 },
      { do_sample: true, temperature: 0.5 },
    ],
    [
      { top_p: 0.9, top_k: 5 },
      { do_sample: true, temperature: 1, top_p: 0.9, top_k: 5 },
    ],
    [{ seed: -7 }, { do_sample: true, temperature: 1, seed: 7 }],
    [{ max_tokens: 9 }, { do_sample: true, temperature: 1, max_new_tokens: 9 }],
    [
      { stop: ["a", "b", "c", "d", "e"] },
      { do_sample: true, temperature: 1, stop: ["a", "b", "c", "d"] },
    ],
  ])("puts %o as the container accepts it", (body, parameters) => {
    const common = {
      max_new_tokens: 2_048,
      stop: ["\n\nUser:"],
      return_full_text: false,
      details: true,
    };
    expect(parametersOf(body)).toEqual({ ...common, ...parameters });
  });

  it("asks for no more than fits beside a long input", () => {
    const parameters = parametersOf({ messages: [{ role: "user", content: "x".repeat(21_000) }] });
    expect(parameters).toMatchObject({
      max_new_tokens: 8_192 - Math.ceil((21_000 + "User: \n\nAssistant:".length) / 3),
    });
  });

  it.each([
    ["tools", { tools: [{ type: "function", function: { name: "f" } }] }, "tools"],
    [
      "a JSON schema",
      { response_format: { type: "json_schema", json_schema: { name: "a" } } },
      "response_format",
    ],
    [
      "an image",
      {
        messages: [
          {
            role: "user",
            content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }],
          },
        ],
      },
      "image",
    ],
  ])("refuses %s by name", (_, body, named) => {
    expect(() => asked(body)).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        message: expect.stringContaining(named) as string,
      }),
    );
  });
});

describe("a text-generation container's answer", () => {
  const details = { finish_reason: "eos_token", generated_tokens: 3, input_length: 9 };
  const usage = {
    input: 9,
    output: 3,
    cacheRead: 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    reasoning: 0,
  };
  const token = (text: string, special = false) => ({
    token: { text, special },
    generated_text: null,
    details: null,
  });

  it("is the same whole and streamed", () => {
    const words = fc.array(
      fc.constantFrom(" Hello", " there", "EN", "D", "\n\n", "User", ":", " more"),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(words, (tokens) => {
        const call = chatCall({ stop: "END" });
        const generated = tokens.join("");
        const whole = huggingFaceTgi.readWhole(call, [{ generated_text: generated, details }]);
        const reader = huggingFaceTgi.makeReader(call);
        const events = [
          ...tokens.map((text) => token(text)),
          { ...token("</s>", true), generated_text: generated, details },
        ];
        const frames = events.flatMap((event) => reader.read(event));
        const text = (read: typeof frames) =>
          read.map((frame) => (frame.type === "text" ? frame.text : "")).join("");
        expect(text(frames)).toBe(text(whole));
        expect(reader.ending()).toEqual(whole.filter((frame) => frame.type !== "text"));
      }),
    );
  });

  it("ends as it says, and with a stop where a stop sequence was found", () => {
    const read = (told: object) => huggingFaceTgi.readWhole(chatCall({ stop: "END" }), told);
    expect(
      read({ generated_text: " hi", details: { ...details, finish_reason: "length" } }),
    ).toEqual([
      { type: "text", text: "hi" },
      { type: "finish", reason: "length" },
      { type: "usage", usage },
    ]);
    expect(
      read([{ generated_text: "hi END and on", details: { ...details, finish_reason: "length" } }]),
    ).toEqual([
      { type: "text", text: "hi " },
      { type: "finish", reason: "stop" },
      { type: "usage", usage },
    ]);
    expect(read([{ generated_text: "hi" }])).toEqual([
      { type: "text", text: "hi" },
      { type: "finish", reason: "stop" },
    ]);
  });

  it.each([
    ["nothing", []],
    ["another shape", { outputs: "x" }],
    ["a number", 5],
  ])("cannot be read when it is %s", (_, told) => {
    expect(() => huggingFaceTgi.readWhole(chatCall(), told)).toThrow(
      expect.objectContaining({ code: "malformed_reply" }),
    );
  });
});

describe("the trimmer of stop sequences", () => {
  it("gives what stands before the first one, however the text is cut", () => {
    const text = fc.array(fc.constantFrom("a", "b", "ab", "S", "ST", "OP", "X"), { maxLength: 12 });
    fc.assert(
      fc.property(text, (parts) => {
        const stops = ["STOP", "XX", "aba"];
        const trimmer = new StopTrimmer(stops);
        const given = parts.map((part) => trimmer.push(part)).join("") + trimmer.end();
        const all = parts.join("");
        const places = stops.map((stop) => all.indexOf(stop)).filter((place) => place >= 0);
        // Of two that overlap, the one that ends first is found first when the text comes in pieces.
        expect(all.startsWith(given)).toBe(true);
        expect(stops.some((stop) => given.includes(stop))).toBe(false);
        expect(trimmer.stopped).toBe(places.length > 0);
        if (places.length === 0) expect(given).toBe(all);
      }),
    );
  });
});
