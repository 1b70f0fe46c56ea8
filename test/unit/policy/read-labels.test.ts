import { describe, expect, it } from "vitest";
import { countSeen, marksOf, readLabels, readTierMenu } from "../../../src/policy/index.ts";
import { syntheticLabels, syntheticLines, syntheticMenu } from "../../support/synthetic-labels.ts";

const menuText = JSON.stringify({
  tiers: syntheticMenu.tiers,
  models: syntheticMenu.models,
  usdPerMTok: { Small: [0.1, 0.2], Medium: [0.5, 1], Frontier: [3, 15] },
});

describe("the menu of tiers", () => {
  it("is read from its file", () => {
    expect(readTierMenu(menuText)).toEqual({ ok: true, value: syntheticMenu });
  });

  it.each([
    ["is no JSON", "{", "tiers: the line: Invalid input"],
    [
      "lacks a price",
      menuText.replace('Frontier":[3', 'Other":[3'),
      "usdPerMTok.Frontier is missing",
    ],
    [
      "names too few models",
      menuText.replace(',"great"', ""),
      "models.made must name 3 models, one a tier",
    ],
  ])("is refused where it %s", (_, text, problem) => {
    const read = readTierMenu(text);
    expect(read.ok ? "" : read.error).toContain(problem);
  });
});

const line = (change: object): string =>
  JSON.stringify({
    id: "a",
    bench: "made",
    route: "sums",
    prompt: "1 + 1?",
    models: { little: { ok: 0, out: 10 }, middle: { ok: 1, out: 30 }, great: { ok: 1, out: null } },
    ...change,
  });

describe("labelled prompts", () => {
  it("are read as they were written", () => {
    const prompts = syntheticLabels(20);
    const read = readLabels(syntheticLines(prompts), syntheticMenu);
    expect(read.ok ? read.value : read.error).toEqual(prompts);
  });

  it("take the usual length where none is told, and four characters for a token of input", () => {
    const known = line({
      models: {
        little: { ok: 1, out: 30 },
        middle: { ok: 1, out: 2 },
        great: { ok: 1, out: 8, in: 100 },
      },
    });
    const read = readLabels(`${line({})}\n\n${known}\n`, syntheticMenu);
    const [first, second] = read.ok ? read.value : [];
    expect(first).toMatchObject({ correct: [0, 1, 1], outputTokens: [10, 30, 8] });
    expect(first?.costUsd[2]).toBeCloseTo((2 * 3 + 8 * 15) / 1e6, 12);
    expect(second?.costUsd[2]).toBeCloseTo((100 * 3 + 8 * 15) / 1e6, 12);
  });

  it.each([
    ["is no JSON", "{", "line 2: the line"],
    ["lacks its prompt", line({ prompt: undefined }), "line 2: prompt"],
    [
      "has a judgement that is neither right nor wrong",
      line({ models: { little: { ok: 2 } } }),
      "line 2: models.little.ok",
    ],
    [
      "comes from a source that has no tiers",
      line({ bench: "other" }),
      'line 2: bench "other" has no models',
    ],
    [
      "lacks a tier's model",
      line({ models: { little: { ok: 1 }, middle: { ok: 1 } } }),
      "line 2: models.great is missing",
    ],
  ])("are refused with the line that %s", (_, bad, problem) => {
    const read = readLabels(`${line({})}\n${bad}\n`, syntheticMenu);
    expect(read.ok ? "" : read.error).toContain(problem);
  });
});

describe("marks of prompts", () => {
  it("know a prompt again in another writing, and no other", () => {
    const prompts = syntheticLabels(300);
    const marks = marksOf(prompts.slice(0, 200));
    const shouted = prompts
      .slice(0, 50)
      .map((each) => ({ ...each, text: ` ${each.text.toUpperCase()}\n` }));
    expect(countSeen(marks, shouted)).toBe(50);
    expect(countSeen(marks, prompts)).toBe(200);
  });
});
