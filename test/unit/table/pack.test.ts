import { gzipSync } from "node:zlib";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  packBucket,
  packedLimit,
  shortDigest,
  unpackBucket,
  unpackedLimit,
} from "../../../src/table/index.ts";

/** Bytes that gzip cannot shrink. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let start = 0; start < length; start += 65_536) {
    crypto.getRandomValues(bytes.subarray(start, Math.min(length, start + 65_536)));
  }
  return bytes;
}

describe("packing a bucket", () => {
  test("what was packed unpacks to the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const packed = packBucket(bytes);
        if (!packed.ok) throw new Error(packed.error.message);
        const unpacked = unpackBucket(packed.value);
        expect(unpacked.ok && Buffer.compare(unpacked.value, bytes)).toBe(0);
      }),
    );
  });

  test("equal buckets pack to equal bytes", () => {
    const bytes = new TextEncoder().encode("the same every time");
    expect(packBucket(bytes)).toEqual(packBucket(bytes));
  });

  test("a bucket that does not fit its slot is refused", () => {
    expect(packBucket(noise(packedLimit + 1))).toMatchObject({
      ok: false,
      error: { code: "TooLarge" },
    });
    expect(packBucket(new Uint8Array(unpackedLimit + 1))).toMatchObject({
      ok: false,
      error: { code: "TooLarge" },
    });
  });

  test("a small slot that would unpack without bounds is refused", () => {
    const bomb = gzipSync(new Uint8Array(unpackedLimit + 1));
    expect(bomb.length).toBeLessThan(packedLimit);
    expect(unpackBucket(bomb)).toMatchObject({ ok: false, error: { code: "TooLarge" } });
  });

  test("a slot beyond the limit is refused unread", () => {
    expect(unpackBucket(noise(packedLimit + 1))).toMatchObject({
      ok: false,
      error: { code: "TooLarge" },
    });
  });

  test("bytes that are not gzip, and gzip that ends early, are refused", () => {
    const whole = gzipSync("some text that is long enough to be cut");
    expect(unpackBucket(whole.subarray(0, 20))).toMatchObject({
      ok: false,
      error: { code: "BucketInvalid" },
    });
    expect(unpackBucket(noise(64))).toMatchObject({ ok: false, error: { code: "BucketInvalid" } });
  });
});

test("a short digest is the beginning of the digest", () => {
  expect(shortDigest("0123456789abcdef".repeat(4))).toBe("0123456789ab");
});
