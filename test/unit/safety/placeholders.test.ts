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

const match = { start: 0, end: 1 };

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

  it("stay what they are when a conversation grows, whatever else is found in what is new", () => {
    const [first, grown] = [["jane@a.com"], ["jane@a.com", "joe@a.com"]].map((emails) => {
      const placeholders = new Placeholders([]);
      // Filters look at the whole conversation one after the other.
      for (const email of emails) placeholders.of({ ...match, rule: "pii/email" }, email);
      return placeholders.of({ ...match, rule: "secrets/api-key" }, "k3y");
    });
    expect([first, grown]).toEqual(["[SECRETS-API-KEY-1]", "[SECRETS-API-KEY-1]"]);
  });

  it("bring back a text of which a filter before had redacted a part", () => {
    const placeholders = new Placeholders([]);
    const part = placeholders.of({ ...match, rule: "pii/email" }, "jane@a.com");
    const whole = placeholders.of({ ...match, rule: "topics/mail" }, `write to ${part} today`);
    expect(placeholders.restore(whole)).toBe("write to jane@a.com today");
    expect(placeholders.restoreJson(`{"a":"${whole}"}`)).toBe('{"a":"write to jane@a.com today"}');
  });

  it("come at once where a text is full of what looks like them", () => {
    const many = 2_000;
    const numbers = Array.from({ length: many }, (_, index) => index + 1);
    const text = numbers.map((number) => `[PII-EMAIL-${number}]`).join("");
    const placeholders = new Placeholders([text]);
    const standIns = numbers.map((number) =>
      placeholders.of({ ...match, rule: "pii/email" }, `jane${number}@a.com`),
    );
    expect(standIns).toEqual(numbers.map((number) => `[PII-EMAIL-${many + number}]`));
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
