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
    { id: 3, callFrame: frame("serve", "src/router/pipeline.ts"), children: [4] },
    { id: 4, callFrame: frame("translate", "src/providers/bedrock.ts"), children: [5, 6] },
    { id: 5, callFrame: frame("translate", "src/providers/bedrock.ts") },
    { id: 6, callFrame: frame("", "node:internal/net") },
    { id: 7, callFrame: frame("never", "src/router/pipeline.ts") },
  ],
  samples: [1, 2, 4, 5, 6, 4, 4],
  // The first delta leads to the first sample, and the last sample's own time is not known.
  timeDeltas: [10, 15, 10, 10, 10, 10, 900],
};

describe("the shares of a profile", () => {
  const { functions, withCalls, places } = sharesOf(profile, ({ url }) => ({ file: url, line: 7 }));

  it("adds up each function's own time, but neither idle time nor that in which others had the core", () => {
    // The last 900 µs count as 20, twice the usual time between samples.
    expect(functions).toEqual([
      { name: "translate  src/providers/bedrock.ts:7", share: 2 / 3 },
      { name: "(garbage collector)", share: 1 / 6 },
      { name: "(anonymous)  node:internal/net:7", share: 1 / 6 },
    ]);
  });

  it("adds up what functions of ours call, once where they call themselves", () => {
    expect(withCalls).toEqual([
      { name: "serve  src/router/pipeline.ts:7", share: 5 / 6 },
      { name: "translate  src/providers/bedrock.ts:7", share: 5 / 6 },
    ]);
  });

  it("adds up rooms, packages and what the engine does", () => {
    expect(places.map(({ name }) => name)).toEqual([
      "src/providers",
      "(garbage collector)",
      "node:internal",
    ]);
  });
});
