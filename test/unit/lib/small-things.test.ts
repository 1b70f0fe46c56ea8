import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backoffDelay, durationMs, hashText, seededRandom } from "../../../src/lib/index.ts";

describe("backoff", () => {
  const bounds = { baseMs: 100, ceilingMs: 5_000 };

  test("doubles until its ceiling", () => {
    const delays = [0, 1, 2, 5, 6, 1_000].map((attempt) =>
      backoffDelay(attempt, bounds, 0.999_999),
    );
    expect(delays).toEqual([99, 199, 399, 3_199, 4_999, 4_999]);
  });

  test("is always at least a millisecond and never above the ceiling", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (attempt, random) => {
          const delay = backoffDelay(attempt, bounds, random);
          expect(delay).toBeGreaterThanOrEqual(1);
          expect(delay).toBeLessThanOrEqual(bounds.ceilingMs);
        },
      ),
    );
  });
});

describe("durations", () => {
  test.each([
    ["800ms", 800],
    ["8s", 8_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["0s", 0],
  ])("%s is %d ms", (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test.each(["", "8", "s", "1.5s", "-1s", "8 s", "8S", "1d", "99999999s"])("%j is none", (text) => {
    expect(() => durationMs(text)).toThrow(RangeError);
  });
});

describe("seeded chance", () => {
  const first = (seed: number) => {
    const random = seededRandom(seed);
    return [random(), random(), random()];
  };

  test("repeats itself for a seed, and differs between seeds", () => {
    expect(first(7)).toEqual(first(7));
    expect(first(7)).not.toEqual(first(8));
  });

  test("stays in [0, 1) and is spread evenly", () => {
    const random = seededRandom(42);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 20_000; draw += 1) {
      const tenth = Math.floor(random() * 10);
      tenths[tenth] = (tenths[tenth] ?? Number.NaN) + 1;
    }
    expect(tenths.every((count) => count > 1_800 && count < 2_200)).toBe(true);
  });

  test("hashes texts to 32 bits as FNV-1a is published", () => {
    expect([hashText(""), hashText("a"), hashText("foobar")]).toEqual([
      0x811c9dc5, 0xe40c292c, 0xbf9cf968,
    ]);
  });
});
