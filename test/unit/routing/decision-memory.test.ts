import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

const program = join(import.meta.dirname, "../../support/decision-memory.ts");

// Room for all decisions of a window, so that nothing is collected while they are counted.
const flags = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64"];

/** By the way of deciding: bytes left on the heap by one decision among four candidates. */
let bytes: Readonly<Record<string, number>>;

beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program]);
  bytes = JSON.parse(stdout) as typeof bytes;
}, 60_000);

describe("a decision among four candidates", () => {
  // Measured: 6.5 kB by plan and 5.8 by tier; twice that where the engine optimises nothing. A list of the
  // text's words or characters alone would be more than the rest of the bound.
  it.each([
    ["byPlan", 24_000],
    ["byTier", 14_000],
  ])("leaves little on the heap, made %s", (way, most) => {
    expect(bytes[way]).toBeGreaterThan(500);
    expect(bytes[way]).toBeLessThan(most);
  });
});
