import { describe, expect, it } from "vitest";
import { inParallel } from "../../../src/providers/in-parallel.ts";
import { untilAborted } from "../../../src/providers/until-aborted.ts";

const { signal } = new AbortController();

describe("work in parallel", () => {
  it("keeps the order of the list, and no more than the bound under way", async () => {
    let under = 0;
    let most = 0;
    const items = Array.from({ length: 20 }, (_, index) => index);
    const results = await inParallel(items, { most: 3, signal }, async (item) => {
      under += 1;
      most = Math.max(most, under);
      await new Promise((resolve) => setTimeout(resolve, (20 - item) % 5));
      under -= 1;
      return item * 2;
    });
    expect(results).toEqual(items.map((item) => item * 2));
    expect(most).toBe(3);
  });

  it("stops at the first failure, whose work beside it is aborted", async () => {
    const begun: number[] = [];
    const failure = new Error("The second fails");
    const work = inParallel([0, 1, 2, 3], { most: 2, signal }, async (item, within) => {
      begun.push(item);
      if (item === 1) throw failure;
      await new Promise((_, reject) => {
        within.addEventListener("abort", () => reject(within.reason as Error));
      });
    });
    await expect(work).rejects.toBe(failure);
    expect(begun).toEqual([0, 1]);
  });

  it("of nothing is nothing", async () => {
    expect(await inParallel([], { most: 3, signal }, async () => 1)).toEqual([]);
  });
});

describe("waiting until aborted", () => {
  it("gives what the work gives, or the signal's reason", async () => {
    expect(await untilAborted(Promise.resolve(1), signal)).toBe(1);
    await expect(untilAborted(Promise.reject(new Error("own")), signal)).rejects.toThrow("own");
    const leaving = new AbortController();
    const waiting = untilAborted(new Promise(() => undefined), leaving.signal);
    const reason = new Error("Left");
    leaving.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
