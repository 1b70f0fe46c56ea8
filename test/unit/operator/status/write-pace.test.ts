import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StatusChange } from "../../../../src/operator/status/compare-status.ts";
import { WritePace } from "../../../../src/operator/status/write-pace.ts";

/** Writes as soon as each change, which is there from then on, may be written. */
function write(pace: WritePace, change: StatusChange, now: number): number {
  const at = now + pace.delayMs(change, now);
  pace.note(change, at);
  return at;
}

describe("the status of a resource is written", () => {
  test("at once where its author changed something, however often", () => {
    const pace = new WritePace();
    for (let now = 0; now < 100; now += 1) expect(write(pace, "author", now)).toBe(now);
  });

  test("two seconds after a figure changed, and every five seconds at most while they do", () => {
    const pace = new WritePace();
    expect(write(pace, "figures", 1_000)).toBe(3_000);
    expect(write(pace, "figures", 3_100)).toBe(8_000);
    expect(write(pace, "figures", 20_000)).toBe(22_000);
  });

  test("at once where routers turn a condition, but for those that turn it again and again", () => {
    const pace = new WritePace();
    for (const now of [0, 1_000, 2_000, 3_000]) expect(write(pace, "routers", now)).toBe(now);
    expect(write(pace, "routers", 4_000)).toBe(20_000);
    expect(write(pace, "routers", 20_100)).toBe(21_000);
    expect(write(pace, "routers", 100_000)).toBe(100_000);
  });

  test("at once where routers turn a condition after an edit, whatever they did before", () => {
    const pace = new WritePace();
    for (const now of [0, 1, 2, 3]) write(pace, "routers", now);
    expect(pace.delayMs("routers", 4)).toBeGreaterThan(0);
    pace.note("author", 4);
    expect(pace.delayMs("routers", 4)).toBe(0);
  });

  test("no oftener than four times in twenty seconds for whatever routers do", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20_000 }), { maxLength: 60 }), (pauses) => {
        const pace = new WritePace();
        const written: number[] = [];
        for (const pause of pauses)
          written.push(write(pace, "routers", (written.at(-1) ?? 0) + pause));
        for (const [index, at] of written.entries())
          expect((written[index + 4] ?? Infinity) - at).toBeGreaterThanOrEqual(20_000);
      }),
    );
  });
});
