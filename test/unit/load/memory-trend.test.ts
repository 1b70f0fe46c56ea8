import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/lib/index.ts";
import { trendOf } from "../../system/load/soak/memory-trend.ts";

const random = seededRandom(7);

/** A sample a second for four minutes. */
const run = (mibAt: (second: number) => number) =>
  Array.from({ length: 240 }, (_, second) => ({ atMs: second * 1_000, mib: mibAt(second) }));

/** What garbage collection makes of memory that is well. */
const sawtooth = (second: number): number => (second % 20) * 2 + random() * 8;

describe("the judgement on a soak's memory", () => {
  it.each<[what: string, mibAt: (second: number) => number]>([
    ["stays where it is", () => 150],
    ["goes up and down with garbage", (second) => 150 + sawtooth(second)],
    ["grows while it warms up", (second) => 60 + Math.min(90, second) + sawtooth(second)],
    ["nears its level ever more slowly", (second) => 180 - 120 * Math.exp(-second / 40)],
    ["falls", (second) => 200 - second / 4],
  ])("is that it is flat where it %s", (_what, mibAt) => {
    expect(trendOf(run(mibAt), 0.15)).toMatchObject({ isFlat: true });
  });

  it.each<[what: string, mibAt: (second: number) => number]>([
    ["each request leaves a little", (second) => 150 + second * 0.3 + sawtooth(second)],
    ["a leak begins after the warm-up", (second) => 150 + Math.max(0, second - 120) * 0.5],
    ["it grows in steps", (second) => 150 + Math.floor(second / 30) * 15 + sawtooth(second)],
    ["it doubles", (second) => 100 * 2 ** (second / 240)],
  ])("is that it is not where %s", (_what, mibAt) => {
    expect(trendOf(run(mibAt), 0.15)).toMatchObject({ isFlat: false });
  });

  it("is by how much it grew, in the second half alone", () => {
    const { growthMiB, levelMiB } = trendOf(
      run((second) => 100 + Math.max(0, second - 120)),
      0.15,
    );
    expect(growthMiB).toBeCloseTo(119);
    expect(levelMiB).toBeCloseTo(160);
  });

  it("is refused where there is too little to judge by", () => {
    expect(() => trendOf(run(() => 1).slice(0, 15), 0.15)).toThrow(RangeError);
  });
});
