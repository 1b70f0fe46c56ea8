import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Placeholders, TextStream } from "../../../src/safety/index.ts";
import { filterOf } from "./found.ts";

const pii = filterOf({ name: "pii", type: "Pii" });

function redact(text: string, placeholders: Placeholders): string {
  const settings = { action: "Redact", streaming: "Buffer", placeholder: placeholders.of } as const;
  const stream = new TextStream(pii, settings);
  return stream.push(text).text + stream.end().text;
}

const part = fc.constantFrom(
  "jane@example.com",
  "joe@example.com",
  "4111 1111 1111 1111",
  "10.9.8.7",
  "[PII-EMAIL-1]",
  "[PII-EMAIL-2]",
  "[PII-",
  "[",
  "]",
  "EMAIL-1]",
  "[[",
  "write to",
  "and",
  "\n",
);
const text = fc.array(part, { maxLength: 16 }).map((parts) => parts.join(" "));

describe("placeholders", () => {
  it("give one text one stand-in throughout, and never what it stands for", () => {
    const text = "jane@a.com, joe@a.com, jane@a.com";
    expect(redact(text, new Placeholders([text]))).toBe(
      "[PII-EMAIL-1], [PII-EMAIL-2], [PII-EMAIL-1]",
    );
  });

  it("bring every text back as it was, also one that looks redacted already", () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const placeholders = new Placeholders([one, other]);
        for (const whole of [one, other]) {
          const hidden = redact(whole, placeholders);
          expect(hidden).not.toMatch(/@example|4111|10\.9/);
          expect(placeholders.restore(hidden)).toBe(whole);
        }
      }),
    );
  });

  it("bring a text back whatever the pieces that it comes in", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (whole, size) => {
        const placeholders = new Placeholders([whole]);
        const hidden = redact(whole, placeholders);
        const { push, end } = placeholders.restoring();
        let restored = "";
        for (let at = 0; at < hidden.length; at += size)
          restored += push(hidden.slice(at, at + size));
        expect(restored + end()).toBe(whole);
      }),
    );
  });

  it("hold back nothing of a text without a begun stand-in", () => {
    const { push } = new Placeholders([]).restoring();
    expect([push("plain "), push("a [1] b"), push(" [PII"), push(" no")]).toEqual([
      "plain ",
      "a [1] b",
      " ",
      "[PII no",
    ]);
  });
});
