import { describe, expect, it } from "vitest";
import { atOnce, inSlices, type Steps } from "../../../src/lib/index.ts";

function* counting(steps: number, note: (step: number) => void = () => undefined): Steps<string> {
  for (let step = 1; step <= steps; step += 1) {
    note(step);
    yield;
  }
  return "done";
}

describe("a computation in steps", () => {
  it("comes to the same result in one go and in slices", async () => {
    expect(atOnce(counting(3))).toBe("done");
    expect(await inSlices(counting(3), 0)).toBe("done");
    expect(await inSlices(counting(0), 1_000)).toBe("done");
  });

  it("lets the event loop turn after each slice, and not within one", async () => {
    let turns = 0;
    let running = true;
    const turn = () => {
      turns += 1;
      if (running) setImmediate(turn);
    };
    setImmediate(turn);
    const seen: number[] = [];
    await inSlices(
      counting(4, () => seen.push(turns)),
      0,
    );
    expect(new Set(seen).size).toBe(4);
    const before = turns;
    await inSlices(counting(1_000), 60_000);
    expect(turns).toBe(before);
    running = false;
  });

  it("calls what is to be done at a pause in a turn of its own, between slices alone", async () => {
    const happened: string[] = [];
    await inSlices(
      counting(3, (step) => {
        happened.push(`step ${step}`);
        setImmediate(() => happened.push("turn"));
      }),
      0,
      () => happened.push("pause"),
    );
    const each = (step: number) => [`step ${step}`, "turn", "pause"];
    expect(happened).toEqual([1, 2, 3].flatMap(each));
  });

  it("fails with what a step throws", async () => {
    const failing = () =>
      counting(2, () => {
        throw new RangeError("no");
      });
    expect(() => atOnce(failing())).toThrow(RangeError);
    await expect(inSlices(failing(), 0)).rejects.toThrow(RangeError);
  });
});
