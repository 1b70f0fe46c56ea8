import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  emptyBucket,
  levelAt,
  pour,
  runOutMs,
} from "../../../../src/tenancy/limits/leaky-bucket.ts";

const perMinute = fc.integer({ min: 1, max: 10_000 });
/** Milliseconds since the last claim, and its amount. */
const claims = fc.array(fc.tuple(fc.nat(20_000), fc.integer({ min: 1, max: 2_000 })), {
  minLength: 1,
  maxLength: 60,
});

interface Taken {
  at: number;
  amount: number;
}

/** What a bucket lets in, claim by claim. */
function takenOf(max: number, asked: readonly (readonly [number, number])[]): Taken[] {
  let bucket = emptyBucket;
  let at = 1_800_000_000_000;
  return asked.flatMap(([pause, amount]) => {
    at += pause;
    if (levelAt(bucket, max, at) + amount > max) return [];
    bucket = pour(bucket, amount, max, at);
    return [{ at, amount }];
  });
}

describe("a minute's bucket", () => {
  test("lets in a minute's worth, and after that what runs out, in any stretch of time", () => {
    fc.assert(
      fc.property(perMinute, claims, (max, asked) => {
        const taken = takenOf(max, asked);
        for (const [first, { at: from }] of taken.entries()) {
          let sum = 0;
          for (const { at, amount } of taken.slice(first)) {
            sum += amount;
            expect(sum).toBeLessThanOrEqual(max + ((at - from) * max) / 60_000 + 1e-6);
          }
        }
      }),
    );
  });

  test("has room for what did not fit once the time is over that it tells, and not before", () => {
    fc.assert(
      fc.property(perMinute, fc.double({ min: 0, max: 1, noNaN: true }), (max, share) => {
        const now = 1_800_000_000_000;
        const bucket = pour(emptyBucket, max, max, now);
        const amount = Math.max(1, Math.floor(share * max));
        const ms = runOutMs(max + amount - max, max);
        expect(levelAt(bucket, max, now + ms) + amount).toBeLessThanOrEqual(max + 1e-3);
        expect(levelAt(bucket, max, now + ms - 1) + amount).toBeGreaterThan(max);
      }),
    );
  });

  test("comes to the same whether it is corrected at once or was right from the start", () => {
    fc.assert(
      fc.property(perMinute, fc.nat(5_000), fc.nat(5_000), (max, expected, used) => {
        const corrected = pour(pour(emptyBucket, expected, max, 5), used - expected, max, 5);
        expect(corrected).toEqual(pour(emptyBucket, used, max, 5));
      }),
    );
  });

  test("loses nothing, and gains nothing, to a clock that steps back", () => {
    const full = pour(emptyBucket, 60, 60, 100_000);
    expect(levelAt(full, 60, 40_000)).toBe(60);
    expect(pour(full, 0, 60, 40_000).level).toBe(60);
  });
});
