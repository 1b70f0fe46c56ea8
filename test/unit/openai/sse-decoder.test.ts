import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SseDecoder, StreamOverflowError, type SseEvent } from "../../../src/openai/index.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Decodes bytes cut at the given places. */
function decode(bytes: Uint8Array, cuts: readonly number[] = []): SseEvent[] {
  const decoder = new SseDecoder();
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  let from = 0;
  const events = places.flatMap((place) => {
    const piece = bytes.subarray(from, place);
    from = place;
    return decoder.push(piece);
  });
  return [...events, ...decoder.end()];
}

const line = fc
  .string({ unit: "grapheme", maxLength: 12 })
  .map((text) => text.replaceAll(/[\r\n]/g, ""));
const stream = fc
  .record({
    events: fc.array(
      fc.record({ event: line, data: fc.array(line, { minLength: 1, maxLength: 3 }) }),
    ),
    newline: fc.constantFrom("\n", "\r\n", "\r"),
  })
  .map(({ events, newline }) => ({
    expected: events.map(({ event, data }) => ({ event, data: data.join("\n") })),
    text: events
      .map(({ event, data }) =>
        [
          ": a comment",
          `event: ${event}`,
          ...data.map((text) => `data: ${text}`),
          "id: 1",
          "",
          "",
        ].join(newline),
      )
      .join(""),
  }));

describe("the decoder of event streams", () => {
  it("finds the same events however the bytes are cut, and whatever ends a line", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat({ max: 400 })), ({ text, expected }, cuts) => {
        expect(decode(bytesOf(text), cuts)).toEqual(expected);
      }),
    );
  });

  it("never throws on bytes of any kind, and cutting them changes nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat()), (bytes, cuts) => {
        expect(decode(bytes, cuts)).toEqual(decode(bytes));
      }),
    );
  });

  it.each([
    ["no space after the colon", "data:a\n\n", [{ event: "", data: "a" }]],
    ["two spaces, of which one is text", "data:  a\n\n", [{ event: "", data: " a" }]],
    ["a field without a value", "data\n\n", [{ event: "", data: "" }]],
    ["an event without data", "event: x\n\ndata: a\n\n", [{ event: "", data: "a" }]],
    ["comments alone", ": keep-alive\n\n", []],
    ["a colon in the data", "data: a: b\n\n", [{ event: "", data: "a: b" }]],
    ["no blank line at the end", "data: a\n", [{ event: "", data: "a" }]],
    ["no line end at all", "data: [DONE]", [{ event: "", data: "[DONE]" }]],
    ["a byte order mark", "\uFEFFdata: a\n\n", [{ event: "", data: "a" }]],
    ["an unknown field", "retry: 5\ndatum: x\ndata: a\n\n", [{ event: "", data: "a" }]],
  ])("reads %s", (_, text, events) => {
    expect(decode(bytesOf(text))).toEqual(events);
  });

  it.each([
    ["one endless line", ["data: aaaa", "aaaaaaaa", "aaaaaaaa"]],
    ["endless lines of one event", ["data: aaaaaa\n", "data: bbbbbb\n", "data: cccccc\n"]],
  ])("refuses to hold %s", (_, pieces) => {
    const decoder = new SseDecoder(16);
    expect(() => pieces.forEach((piece) => decoder.push(bytesOf(piece)))).toThrow(
      StreamOverflowError,
    );
  });
});
