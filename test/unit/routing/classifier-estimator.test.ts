import { describe, expect, it } from "vitest";

import {
  chanceOf,
  Classifier,
  ClassifierEstimator,
  encodeModel,
  estimateByTier,
  modelDigest,
  plainQuestion,
} from "../../../src/routing/index.ts";
import type { Tier } from "../../../src/table/index.ts";
import { tinyModel } from "../../support/tiny-model.ts";
import { backendEntry, chatNeeds } from "./sample-entries.ts";

const bytes = encodeModel(tinyModel());

function estimator(model = tinyModel()): ClassifierEstimator {
  const made = ClassifierEstimator.read(encodeModel(model));
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

const asking = (content: string) => chatNeeds({ messages: [{ role: "user", content }] });
const text = "How many legs have seven spiders?";
const scores = new Classifier(tinyModel()).score(plainQuestion(text));
const of = (tier: Tier) => backendEntry(tier.toLowerCase(), { tier });

describe("a classifier that judges backends", () => {
  it("is named by its model's digest", () => {
    expect(estimator().digest).toBe(modelDigest(bytes));
  });

  it.each([
    ["Small", 0],
    // The model has no head for them: what it says of the next weaker tier is believed.
    ["Medium", 0],
    ["Large", 0],
    ["Frontier", 1],
  ] as const)("judges a %s one by the model's tier %d", (tier, place) => {
    const judgement = estimator().judge(asking(text));
    expect(judgement.source).toBe("classifier");
    expect(judgement.pCorrect(of(tier))).toBe(scores.correct[place]);
    expect(judgement.outputTokens(of(tier))).toBe(scores.outputTokens[place]);
  });

  it("judges a tier weaker than any it knows as the weakest", () => {
    const model = tinyModel({ tiers: ["Frontier", "Large"] });
    const judgement = estimator(model).judge(asking(text));
    expect(judgement.pCorrect(of("Small"))).toBe(judgement.pCorrect(of("Large")));
    expect(judgement.pCorrect(of("Small"))).not.toBe(judgement.pCorrect(of("Frontier")));
  });

  it("judges by an ability that was fitted to its heads, and by no other", () => {
    const ability = { weights: [0.3, 0.1, -0.2, 0.05, 0, 0.4] };
    const made = estimator();
    const fitted = { ...of("Small"), ability: { model: made.digest, ...ability } };
    const foreign = { ...of("Small"), ability: { model: "another", ...ability } };
    const judgement = made.judge(asking(text));
    expect(judgement.pCorrect(fitted)).toBe(chanceOf(ability, scores.heads));
    expect(judgement.pCorrect(foreign)).toBe(scores.correct[0]);
  });

  it("is told what is known of the route", () => {
    const prior = [2, -2];
    const knowing = new Classifier(tinyModel()).score(plainQuestion(text), prior);
    const judgement = estimator().judge(asking(text), prior);
    expect(judgement.pCorrect(of("Small"))).toBe(knowing.correct[0]);
    expect(judgement.pCorrect(of("Small"))).not.toBe(scores.correct[0]);
  });

  it("leaves what it has never seen to the heuristic, and says what that is", () => {
    const needs = chatNeeds({
      messages: [
        { role: "user", content: "Hello" },
        { role: "assistant", content: "Good day" },
        { role: "user", content: text },
      ],
      tools: [{ type: "function", function: { name: "look" } }],
    });
    const judgement = estimator().judge(needs);
    expect(judgement).toMatchObject({ source: "tier", unfamiliar: ["earlier_turns", "tools"] });
    expect(judgement.pCorrect(of("Large"))).toBe(estimateByTier.judge(needs).pCorrect(of("Large")));
    expect(judgement.outputTokens(of("Large"))).toBeUndefined();
  });

  it.each([
    ["a tier that no backend can be of", ["Small", "Gigantic"]],
    ["a tier twice", ["Small", "Small"]],
  ])("refuses a model with %s", (_, tiers) => {
    expect(ClassifierEstimator.read(encodeModel(tinyModel({ tiers })))).toMatchObject({
      ok: false,
      error: { code: "TiersUnknown" },
    });
  });

  it("refuses bytes that are no model", () => {
    expect(ClassifierEstimator.read(new Uint8Array(9))).toMatchObject({
      ok: false,
      error: { code: "NotAModel" },
    });
  });
});
