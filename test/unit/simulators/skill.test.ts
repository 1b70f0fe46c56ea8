import { describe, expect, test } from "vitest";

import { seededRandom } from "../../../src/lib/index.ts";
import { difficultyOf, goldenPrompts, simulatedModels } from "../../../src/simulators/index.ts";
import { answerPrompt } from "../../../src/simulators/mind/answer.ts";
import { answersRightly, probabilityRight } from "../../../src/simulators/mind/skill.ts";
import { newPrompt } from "./new-prompt.ts";

const golden = goldenPrompts(7, 600);
const chatModels = simulatedModels.filter((model) => model.kind === "chat");

describe("golden prompts", () => {
  test("are as many as asked, different, and the same for the same seed", () => {
    expect(golden).toHaveLength(600);
    expect(new Set(golden.map(({ prompt }) => prompt)).size).toBe(600);
    expect(goldenPrompts(7, 600)).toEqual(golden);
    expect(goldenPrompts(8, 600)).not.toEqual(golden);
  });

  test("are of all difficulties, each the difficulty of its prompt", () => {
    for (const [low, high] of [
      [0, 0.25],
      [0.25, 0.5],
      [0.5, 0.75],
      [0.75, 1],
    ] as const) {
      expect(
        golden.filter(({ difficulty }) => difficulty >= low && difficulty < high).length,
      ).toBeGreaterThan(25);
    }
    expect(golden.every(({ prompt, difficulty }) => difficultyOf(prompt) === difficulty)).toBe(
      true,
    );
  });
});

describe("difficulty", () => {
  test("rises with the digits, the steps and the vocabulary", () => {
    expect(difficultyOf("What is 2 + 2?")).toBeLessThan(difficultyOf("What is 4821 * 9377 - 12?"));
    expect(difficultyOf("Say hello")).toBeLessThan(
      difficultyOf("Prove the theorem step by step and analyse its trade-offs"),
    );
    expect(difficultyOf("Say hello")).toBeLessThan(difficultyOf("Say hello. ".repeat(500)));
  });
});

describe("skill", () => {
  const shareRight = (skill: number, modelId: string) =>
    golden.filter(({ prompt }) => answersRightly(1, modelId, skill, prompt)).length / golden.length;

  test("makes a model right as often as the probabilities of its prompts say", () => {
    for (const { id, skill } of chatModels) {
      const expected =
        golden.reduce((sum, { difficulty }) => sum + probabilityRight(skill, difficulty), 0) /
        golden.length;
      expect(Math.abs(shareRight(skill, id) - expected), id).toBeLessThan(0.06);
    }
  });

  test("is half at its own difficulty and falls as that rises", () => {
    expect(probabilityRight(0.6, 0.6)).toBe(0.5);
    const shares = [0.1, 0.4, 0.6, 0.9].map((difficulty) => probabilityRight(0.6, difficulty));
    expect(shares).toEqual(shares.toSorted((left, right) => right - left));
  });

  test("tells the tiers apart: each is better than the one below, and none is useless or perfect", () => {
    const ofTier = (tier: string) =>
      chatModels
        .filter((model) => model.tier === tier)
        .map((model) => shareRight(model.skill, model.id));
    const [small, medium, large, frontier] = ["Small", "Medium", "Large", "Frontier"].map(ofTier);
    expect(Math.max(...(small ?? []))).toBeLessThan(Math.max(...(medium ?? [])));
    expect(Math.max(...(medium ?? []))).toBeLessThan(Math.min(...(large ?? [])));
    expect(Math.max(...(large ?? []))).toBeLessThan(Math.min(...(frontier ?? [])));
    expect(Math.min(...(small ?? []))).toBeGreaterThan(0.2);
    expect(Math.max(...(frontier ?? []))).toBeLessThan(1);
  });

  test("shows in the answers: the expected one appears exactly where the model is right", () => {
    const [model] = chatModels;
    if (model === undefined) throw new Error("No model");
    const source = { model, seed: 1, newToolUseId: () => "t" };
    let right = 0;
    for (const { prompt, expected } of golden) {
      const [block] = answerPrompt(newPrompt({ text: prompt, history: prompt }), source).blocks;
      const said =
        block?.type === "text" ? /The answer is (.+)\.$/.exec(block.text)?.[1] : undefined;
      const isRight = answersRightly(1, model.id, model.skill, prompt);
      expect(said === expected, `${prompt} → ${said}`).toBe(isRight);
      right += Number(isRight);
    }
    expect(right).toBeGreaterThan(0);
    expect(right).toBeLessThan(golden.length);
  });

  test("follows the seed: other seeds make other mistakes", () => {
    const outcomes = (seed: number) =>
      golden.map(({ prompt }) => answersRightly(seed, "m", 0.5, prompt));
    expect(outcomes(1)).toEqual(outcomes(1));
    expect(outcomes(1)).not.toEqual(outcomes(Math.floor(seededRandom(3)() * 1e6)));
  });
});
