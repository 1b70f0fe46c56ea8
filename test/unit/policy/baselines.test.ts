import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/lib/index.ts";
import { blindMixSaved, oracle, scoreByRoute, sweptSaved } from "../../../src/policy/baselines.ts";
import type { LabelledPrompt } from "../../../src/policy/index.ts";
import {
  assignAll,
  assignByLambda,
  alwaysStrongest,
  judge,
} from "../../../src/policy/lambda-policy.ts";
import {
  areaUnderCurve,
  calibrationError,
  performanceGapRecovered,
} from "../../../src/policy/measures.ts";
import type { ScoredPrompt } from "../../../src/policy/scored-prompt.ts";

function prompt(correct: number[], route = "r"): LabelledPrompt {
  return {
    id: "",
    source: "s",
    route,
    text: "",
    correct,
    outputTokens: [1, 1],
    costUsd: [0.001, 0.01],
    judged: {},
  };
}

const scored = (correct: number[], chances: number[], route?: string): ScoredPrompt => ({
  prompt: prompt(correct, route),
  correct: Float64Array.from(chances),
  costUsd: Float64Array.of(0.001, 0.01),
});

/** The strongest is right on eight of ten, the cheapest on four. */
const ten = Array.from({ length: 10 }, (_, place) =>
  prompt([place < 4 ? 1 : 0, place < 8 ? 1 : 0]),
);

describe("the baselines", () => {
  it("judge always-strongest as nothing saved and all kept", () => {
    expect(judge(assignAll(10, 1), ten)).toEqual({ accuracyRatio: 1, saved: 0 });
    expect(judge(assignAll(10, 0), ten).accuracyRatio).toBe(0.5);
    expect(judge(assignAll(10, 0), ten).saved).toBeCloseTo(0.9, 10);
  });

  it.each([
    [1, 0],
    [0.75, 0.45],
    [0.5, 0.9],
    [0.2, 0.9],
  ])("mix two tiers blindly at a floor of %d", (floor, saved) => {
    expect(blindMixSaved(ten, floor)).toBeCloseTo(saved, 10);
  });

  it("mix in a weaker tier that is dearer for nobody", () => {
    const better = Array.from({ length: 10 }, (_, place) => prompt([1, place < 8 ? 1 : 0]));
    expect(blindMixSaved(better, 1)).toBeCloseTo(0.9, 10);
  });

  it("have an oracle that pays for the strongest only where it alone is right", () => {
    expect(oracle(ten).accuracyRatio).toBe(1);
    expect(oracle(ten).saved).toBeCloseTo(1 - (6 * 1 + 4 * 10) / 100, 10);
  });

  it("know by a route's labels where the cheapest will do", () => {
    const trained = [
      prompt([1, 1], "easy"),
      prompt([0, 1], "hard"),
      prompt([1, 1], "easy"),
      prompt([0, 1], "hard"),
    ];
    const table = scoreByRoute(trained, [...trained, prompt([0, 1], "new")]);
    expect(table.map(({ correct }) => correct[0])).toEqual([1, 0, 1, 0, 0.5]);
    expect(sweptSaved(table.slice(0, 4), 1)).toBeCloseTo(0.45, 10);
  });
});

describe("a policy of one λ", () => {
  it("is always-strongest at the one end and always-cheapest at the other", () => {
    const prompts = [scored([1, 1], [0.9, 0.2]), scored([0, 1], [0.1, 0.2])];
    expect([...assignByLambda(prompts, alwaysStrongest)]).toEqual([1, 1]);
    expect([...assignByLambda(prompts, 0)]).toEqual([0, 1]);
    expect([...assignByLambda(prompts, 1e6)]).toEqual([0, 0]);
  });
});

describe("the measures", () => {
  it.each([
    ["perfect", [0.1, 0.2, 0.8, 0.9], 1],
    ["turned round", [0.9, 0.8, 0.2, 0.1], 0],
    ["all alike", [0.5, 0.5, 0.5, 0.5], 0.5],
    ["wrong by one pair", [0.1, 0.6, 0.5, 0.9], 0.75],
  ])("take the area under a curve that is %s", (_, scores, area) => {
    expect(areaUnderCurve(scores, [0, 0, 1, 1])).toBeCloseTo(area, 10);
  });

  it("recover half the gap by chance, and more by knowing", () => {
    const random = seededRandom(4);
    const world = Array.from({ length: 4_000 }, () => (random() < 0.5 ? [0, 1] : [1, 1]));
    const blind = world.map((correct) => scored(correct, [0.5, 0.5 + random() / 100]));
    const knowing = world.map((correct) => scored(correct, [correct[0]!, 1]));
    expect(performanceGapRecovered(blind, 0, 1)).toBeCloseTo(0.5, 1);
    expect(performanceGapRecovered(knowing, 0, 1)).toBeCloseTo(0.75, 1);
  });

  it("find no error in chances that come true, and all of it in a boast", () => {
    const honest = Array.from({ length: 100 }, (_, place) =>
      scored([place < 20 ? 1 : 0, 1], [0.2, 1]),
    );
    const boasting = honest.map(({ prompt: { correct } }) => scored([...correct], [0.7, 1]));
    expect(calibrationError(honest)).toBeCloseTo(0, 10);
    expect(calibrationError(boasting)).toBeCloseTo(0.25, 10);
  });
});
