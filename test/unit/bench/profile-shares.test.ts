import { describe, expect, it } from "vitest";
import { sharesOf, type CpuProfile } from "../../../scripts/bench/profile-shares.ts";

const frame = (functionName: string, url = "") => ({
  functionName,
  url,
  lineNumber: 0,
  columnNumber: 0,
});

const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame("(idle)") },
    { id: 2, callFrame: frame("(garbage collector)") },
    { id: 3, callFrame: frame("translate", "src/providers/bedrock.ts") },
    { id: 4, callFrame: frame("translate", "src/providers/bedrock.ts") },
    { id: 5, callFrame: frame("", "node:internal/net") },
    { id: 6, callFrame: frame("never", "src/router/pipeline.ts") },
  ],
  samples: [1, 2, 3, 4, 5, 3],
  // The first delta leads to the first sample, and the last sample's own time is not known.
  timeDeltas: [5, 1_000, 10, 40, 30, 20],
};

describe("the shares of a profile", () => {
  const { functions, places } = sharesOf(profile, ({ url }) => ({ file: url, line: 7 }));

  it("adds up each function's own time, without that in which there was nothing to do", () => {
    expect(functions).toEqual([
      { name: "translate  src/providers/bedrock.ts:7", share: 0.7 },
      { name: "(anonymous)  node:internal/net:7", share: 0.2 },
      { name: "(garbage collector)", share: 0.1 },
    ]);
  });

  it("adds up rooms, packages and what the engine does", () => {
    expect(places.map(({ name }) => name)).toEqual([
      "src/providers",
      "node:internal",
      "(garbage collector)",
    ]);
  });
});
