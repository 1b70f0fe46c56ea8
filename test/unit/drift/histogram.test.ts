import { describe, expect, it } from "vitest";
import { countOf } from "../../../src/drift/index.ts";

describe("a histogram", () => {
  it("counts what it holds, and nothing for a bucket that a store says nonsense of", () => {
    const counts = [3, Number.NaN, -4, Number.POSITIVE_INFINITY, 2];
    expect(countOf({ bounds: [1, 2, 4, 8], counts, sum: 20 })).toBe(5);
    expect(countOf({ bounds: [], counts: [], sum: 0 })).toBe(0);
  });
});
