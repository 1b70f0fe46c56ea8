import { describe, expect, it } from "vitest";
import { countSpans } from "../../../scripts/bench/http/count-spans.ts";

/** A field of protobuf whose value is bytes. */
function field(number: number, value: Buffer): Buffer {
  const length: number[] = [];
  for (let left = value.length; ; left >>= 7) {
    if (left < 128) return Buffer.concat([Buffer.from([number * 8 + 2, ...length, left]), value]);
    length.push((left & 127) | 128);
  }
}

const span = (size: number) => field(2, Buffer.alloc(size, 1));

describe("counting the spans of an export", () => {
  it("counts spans of every resource and scope, and nothing else", () => {
    const scope = field(1, Buffer.from("scope"));
    const scopeSpans = field(2, Buffer.concat([scope, span(10), span(300), span(20_000)]));
    const resource = field(1, Buffer.from("resource"));
    const one = field(1, Buffer.concat([resource, scopeSpans, field(2, span(1))]));
    const all = Buffer.concat([one, one]);
    expect(countSpans([all])).toBe(8);
    expect(countSpans([all.subarray(0, 7), all.subarray(7)])).toBe(8);
  });

  it("refuses what is cut short", () => {
    expect(() => countSpans([Buffer.from([10, 200])])).toThrow(RangeError);
  });
});
