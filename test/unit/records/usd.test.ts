import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { usdFromPico } from "../../../src/records/index.ts";

/** The amount in digits, by whole-number arithmetic alone. */
function exactly(pico: number): string {
  const digits = String(pico).padStart(13, "0");
  const fraction = digits.slice(-12).replace(/0+$/, "");
  return `${digits.slice(0, -12)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** A number of JSON without its exponent. */
function plainly(json: string): string {
  const [digits = "", exponent] = json.split("e-");
  if (exponent === undefined) return json;
  const [whole = "", fraction = ""] = digits.split(".");
  return `0.${"0".repeat(Number(exponent) - 1)}${whole}${fraction}`;
}

describe("USD in a record", () => {
  it("is the exact amount below 1,000 USD, as JSON writes it", () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e15 - 1 }), (pico) => {
        expect(plainly(JSON.stringify(usdFromPico(pico)))).toBe(exactly(pico));
      }),
    );
  });

  it.each([
    [0, "0"],
    [1, "1e-12"],
    [123_456_000, "0.000123456"],
    [2_500_000_000_000, "2.5"],
  ])("of %d pico-USD is %s", (pico, json) => {
    expect(JSON.stringify(usdFromPico(pico))).toBe(json);
  });
});
