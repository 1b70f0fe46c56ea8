import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HmacSha256 } from "../../../../src/providers/lean/hmac.ts";

describe("HMAC-SHA256", () => {
  it("is Node's own for any key of a block, and for one text after the other", () => {
    const keys = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
    const texts = fc.array(fc.stringMatching(/^[ -~\n]{0,200}$/), { maxLength: 4 });
    fc.assert(
      fc.property(keys, texts, (key, some) => {
        const hmac = new HmacSha256(key);
        const own = some.map((text) => createHmac("sha256", key).update(text).digest("hex"));
        expect(some.map((text) => hmac.hex(text))).toEqual(own);
      }),
    );
  });

  it("takes no key that is longer than a block", () => {
    expect(() => new HmacSha256(Buffer.alloc(65))).toThrow(RangeError);
  });
});
