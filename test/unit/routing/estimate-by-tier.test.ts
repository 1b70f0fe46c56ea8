import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { estimateByTier, type RequestFeatures } from "../../../src/routing/index.ts";
import { backendEntry, chatNeeds } from "./sample-entries.ts";

const tiers = ["Small", "Medium", "Large", "Frontier"] as const;
const ladder = tiers.map((tier) => backendEntry(tier.toLowerCase(), { tier }));

function judge(features: Partial<RequestFeatures>): number[] {
  const needs = chatNeeds();
  const judgement = estimateByTier.judge({
    ...needs,
    features: { ...needs.features, ...features },
  });
  return ladder.map((backend) => judgement.pCorrect(backend));
}

const features = fc.record({
  characters: fc.nat(100_000),
  mathMarks: fc.nat(3_000),
  codeMarks: fc.nat(3_000),
  numbers: fc.nat(1_500),
  tools: fc.nat(128),
  reasoningEffort: fc.constantFrom(0, 0.5, 1),
});

describe("the estimate by tier", () => {
  test("is a probability, and grows with the tier", () => {
    fc.assert(
      fc.property(features, (some) => {
        const p = judge(some);
        expect(p).toEqual(p.toSorted((left, right) => left - right));
        expect(new Set(p).size).toBe(tiers.length);
        expect(p[0]).toBeGreaterThan(0);
        expect(p[3]).toBeLessThan(1);
      }),
    );
  });

  test.each(["characters", "mathMarks", "codeMarks", "numbers", "tools"] as const)(
    "falls as %s grow",
    (feature) => {
      const bare = {
        characters: 0,
        mathMarks: 0,
        codeMarks: 0,
        numbers: 0,
        tools: 0,
        reasoningEffort: 0,
      };
      const falling = [0, 1, 10, 100].map(
        (amount) => judge({ ...bare, [feature]: amount })[0] ?? 0,
      );
      expect(falling).toEqual(falling.toSorted((left, right) => right - left));
      expect(new Set(falling).size).toBe(4);
    },
  );

  test("the harder the request, the more the tier matters", () => {
    const gap = (p: number[]) => (p[0] ?? 0) / (p[3] ?? 1);
    expect(gap(judge({ characters: 20 }))).toBeGreaterThan(0.95);
    expect(gap(judge({ characters: 3_000, mathMarks: 30, numbers: 30 }))).toBeLessThan(0.6);
  });

  test("where effort is asked for, a backend that can reason gains", () => {
    const reasoning = backendEntry("thinker", { capabilities: ["Reasoning"] });
    const plain = backendEntry("plain", { capabilities: [] });
    const asked = estimateByTier.judge(chatNeeds({ reasoning_effort: "high" }));
    expect(asked.pCorrect(reasoning)).toBeGreaterThan(asked.pCorrect(plain));
    const unasked = estimateByTier.judge(chatNeeds());
    expect(unasked.pCorrect(reasoning)).toBe(unasked.pCorrect(plain));
  });
});
