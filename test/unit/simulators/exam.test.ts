import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { localExam } from "../../../scripts/local-exam.ts";
import { loadModel, shippedModel } from "../../../src/cli/model-store.ts";
import { compileGoldenSet, type CompiledItem } from "../../../src/compile/index.ts";
import { Classifier, plainQuestion } from "../../../src/routing/index.ts";
import { difficultyOf, simulatedModels } from "../../../src/simulators/index.ts";
import { answersRightly } from "../../../src/simulators/mind/skill.ts";
import { solveQuestion } from "../../../src/simulators/mind/questions.ts";

const file = readFileSync("test/fixtures/local/golden-set.yaml", "utf8");
let items: readonly CompiledItem[];

beforeAll(() => {
  const map = parse(file) as { data: Record<string, string> };
  const read = compileGoldenSet(map.data["golden-set.yaml"] ?? "", "golden-set.yaml");
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  ({ items } = read.value);
});

const promptOf = ({ item }: CompiledItem) => item.prompt ?? "";

/** Those that the simulated model answers rightly. */
function rightOf(id: string, drop = 0): Set<string> {
  const model = simulatedModels.find((each) => each.id === id);
  if (model === undefined) throw new Error(`No simulator plays ${id}`);
  const right = items.filter((each) => answersRightly(1, id, model.skill - drop, promptOf(each)));
  return new Set(right.map(promptOf));
}

const ladder = [
  "amazon.nova-micro-v1:0",
  "amazon.nova-lite-v1:0",
  "anthropic.claude-3-5-haiku-20241022-v1:0",
  "anthropic.claude-sonnet-4-20250514-v1:0",
];

describe("the golden set of the local example", () => {
  it("is what its script writes", () => {
    expect(file).toBe(localExam());
    expect(items).toHaveLength(300);
  });

  it("has the answers that the simulators hold for right ones, from easy to hard", () => {
    for (const { item, checks } of items) {
      const solved = solveQuestion(item.prompt ?? "");
      expect(checks.map((check) => check.holds(`The answer is ${solved?.answer}.`))).toEqual([
        true,
      ]);
      for (const wrong of solved?.wrong ?? [])
        expect(checks[0]?.holds(`The answer is ${wrong}.`)).toBe(false);
    }
    const difficulties = items.map((each) => difficultyOf(promptOf(each)));
    for (const [low, high] of [
      [0, 0.3],
      [0.3, 0.6],
      [0.6, 1],
    ] as const)
      expect(difficulties.filter((each) => each >= low && each < high).length).toBeGreaterThan(50);
  });

  it("is answered the better the higher the tier, and worse by a model that has lost skill", () => {
    const shares = ladder.map((id) => rightOf(id).size / items.length);
    expect(shares).toEqual(shares.toSorted((left, right) => left - right));
    expect(shares.at(-1)! - shares[0]!).toBeGreaterThan(0.3);
    for (const id of ladder) {
      const [whole, dulled] = [rightOf(id), rightOf(id, 0.3)];
      expect(dulled.size).toBeLessThan(whole.size - 30);
      // The same lots are drawn.
      expect([...dulled].filter((prompt) => !whole.has(prompt))).toEqual([]);
    }
  });

  it("is familiar to the shipped classifier, which sees what is harder", async () => {
    const classifier = new Classifier((await loadModel(shippedModel)).model);
    for (const [tier, id] of ladder.entries()) {
      const right = rightOf(id);
      const scores = items.map((each) => {
        const { correct, unfamiliar } = classifier.score(plainQuestion(promptOf(each)));
        expect(unfamiliar).toEqual([]);
        return { p: correct[tier] ?? 0, right: right.has(promptOf(each)) };
      });
      const pairs = scores
        .filter((each) => each.right)
        .flatMap((one) => scores.filter((each) => !each.right).map((other) => one.p > other.p));
      expect(pairs.filter(Boolean).length / pairs.length).toBeGreaterThan(0.7);
    }
  });
});
