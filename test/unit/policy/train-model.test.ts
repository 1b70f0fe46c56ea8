import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/lib/index.ts";
import { scoreByLength, sweptSaved, blindMixSaved } from "../../../src/policy/baselines.ts";
import {
  evaluateNested,
  fitAbility,
  judgeShipped,
  nestedFold,
  permuteLabels,
  priceDigest,
  scorePrompts,
  simulateTenants,
  trainModel,
  unknownRoutes,
  type IssuedPolicies,
} from "../../../src/policy/index.ts";
import { areaUnderCurve, calibrationError } from "../../../src/policy/measures.ts";
import { questionEase } from "../../../src/policy/question-ease.ts";
import {
  chanceOf,
  Classifier,
  decodeModel,
  encodeModel,
  modelDigest,
  plainQuestion,
} from "../../../src/routing/index.ts";
import { syntheticLabels, syntheticMenu as menu } from "../../support/synthetic-labels.ts";

const training = syntheticLabels(600, 1);
const fresh = syntheticLabels(600, 2);
const options = { name: "made", tiers: menu.tiers, seed: 1, dataDigest: "made" };
const trained = trainModel(training, options);
const known = scorePrompts(trained.model, fresh, { menu, hideRoutes: false });
const hidden = scorePrompts(trained.model, fresh, { menu, hideRoutes: true });

describe("training", () => {
  it("gives the same bytes for the same prompts and seed, and others for another seed", () => {
    const digest = (seed: number): string =>
      modelDigest(encodeModel(trainModel(training, { ...options, seed }).model));
    const first = modelDigest(encodeModel(trained.model));
    expect(digest(1)).toBe(first);
    expect(digest(2)).not.toBe(first);
  });

  it("makes a model that its own reader takes", () => {
    expect(decodeModel(encodeModel(trained.model)).ok).toBe(true);
  });

  it.each([
    ["with routes", known],
    ["without", hidden],
  ])("learns to tell hard questions from easy ones, %s", (_, scored) => {
    const scores = scored.map(({ correct }) => correct[0]!);
    const right = scored.map(({ prompt }) => prompt.correct[0]!);
    expect(areaUnderCurve(scores, right)).toBeGreaterThan(0.85);
    expect(calibrationError(scored)).toBeLessThan(0.06);
  });

  it("expects longer answers to hard questions, and about as long as they are", () => {
    const { crossFitted } = trained;
    const mean = (of: readonly number[]): number =>
      of.reduce((sum, each) => sum + each, 0) / of.length;
    const expected = mean(crossFitted.outputTokens.map((tokens) => tokens[0]!));
    expect(expected / mean(training.map(({ outputTokens }) => outputTokens[0]!))).toBeCloseTo(1, 6);
    const long = crossFitted.outputTokens.filter(
      (_, row) => training[row]!.outputTokens[0] === 300,
    );
    expect(mean(long.map((tokens) => tokens[0]!))).toBeGreaterThan(250);
  });

  it("saves more than a blind mix does and than length tells", () => {
    const saved = sweptSaved(known, 0.95);
    expect(saved).toBeGreaterThan(blindMixSaved(fresh, 0.95) + 0.1);
    expect(saved).toBeGreaterThan(sweptSaved(scoreByLength(training, fresh, menu), 0.95) + 0.1);
  });

  it("gains nothing over a blind mix where the labels are permuted", () => {
    const { model } = trainModel(permuteLabels(training, 3), options);
    const many = syntheticLabels(3_000, 5);
    const scored = scorePrompts(model, many, { menu, hideRoutes: false });
    for (const floor of [0.95, 0.98]) {
      expect(sweptSaved(scored, floor)).toBeLessThan(blindMixSaved(many, floor) + 0.06);
    }
  });
});

describe("the ease of questions", () => {
  it("is greater for easy ones, and does not hear models that are left out", () => {
    const ease = questionEase(training);
    const of = (isHard: boolean): number[] =>
      [...ease].filter((_, row) => (training[row]!.outputTokens[0] === 300) === isHard);
    const mean = (list: number[]): number =>
      list.reduce((sum, each) => sum + each, 0) / list.length;
    expect(mean(of(false))).toBeGreaterThan(mean(of(true)) + 0.4);
    const silenced = training.map((each) => ({ ...each, judged: { ...each.judged, spare: 0 } }));
    const besides = new Set(["spare"]);
    expect(questionEase(silenced, besides)).toEqual(questionEase(training, besides));
    expect(questionEase(silenced)).not.toEqual(ease);
  });
});

describe("policies", () => {
  const settings = { folds: 3, cleanFolds: 1, seed: 1 };
  const everything = [...training, ...fresh];
  const folds = [0, 1, 2].map((fold) => nestedFold(everything, fold, menu, settings));
  const nested = evaluateNested(everything, folds, menu, settings);

  it.each(["classifier, route known", "classifier, route hidden"])(
    "keep their floors on prompts of neither training nor certificate, and save: %s",
    (wanted) => {
      const { certified, swept } = nested.rows.find(({ name }) => name === wanted)!;
      expect(certified![0]!.accuracyRatio).toBeGreaterThanOrEqual(0.95);
      expect(certified![0]!.saved).toBeGreaterThan(0.2);
      expect(swept[0]).toBeGreaterThanOrEqual(certified![0]!.saved - 0.05);
    },
  );

  it("judge every prompt once", () => {
    const ids = folds.flatMap((fold) => fold.known.map(({ prompt }) => prompt.text));
    expect(ids.toSorted()).toEqual(everything.map(({ text }) => text).toSorted());
    expect(nested.prompts).toBe(everything.length);
  });

  it("stand beside baselines that judge the same prompts, none of which tells hard from easy", () => {
    const baselines = nested.rows.slice(0, 4);
    expect(baselines.map(({ name }) => name)).toEqual([
      "always strongest",
      "best blind mix",
      "by length",
      "table per route",
    ]);
    const classifier = nested.rows.at(-1)!.swept[0]!;
    for (const { swept } of baselines) expect(classifier).toBeGreaterThan(swept[0]! + 0.05);
  });

  it("are told of by route, each with an interval around what it kept", () => {
    expect(nested.routes.map(({ name }) => name)).toEqual(["mixed", "proofs"]);
    expect(nested.routes.reduce((sum, { prompts }) => sum + prompts, 0)).toBe(everything.length);
    for (const { kept } of nested.routes) {
      expect(kept.lower).toBeLessThan(kept.estimate);
      expect(kept.upper).toBeGreaterThan(kept.estimate);
    }
    expect(nested.tenants).toEqual([]);
  });

  it("leave what no certificate covers to the strongest", () => {
    const policies: IssuedPolicies = {
      version: 1,
      model: "",
      prices: priceDigest(menu),
      routes: ["mixed"],
      seen: "",
      policies: [...folds[0]!.policies],
    };
    const input = { model: trained.model, policies, menu, hideRoutes: false };
    const elsewhere = fresh.map((each) => ({ ...each, route: "never-seen" }));
    const all = judgeShipped({ ...input, prompts: elsewhere }).floors["0.95"];
    expect(all).toMatchObject({ saved: 0, accuracyRatio: 1, uncertifiedShare: 1 });
    const some = judgeShipped({ ...input, prompts: fresh }).floors["0.95"];
    expect(some?.uncertifiedShare).toBeCloseTo(
      fresh.filter(({ route }) => route !== "mixed").length / fresh.length,
      10,
    );
    expect(some?.saved).toBeGreaterThan(0);
    const foreign = fresh.map((each) => ({ ...each, route: "mixed", text: "証明してください" }));
    expect(judgeShipped({ ...input, prompts: foreign }).floors["0.95"]?.uncertifiedShare).toBe(1);
  });
});

describe("simulated worlds", () => {
  it("leave few tenants under their floor by a λ of their own, and many by one for all", () => {
    const settings = {
      tenants: 60,
      labels: 150,
      unlabelled: 500,
      floor: 0.95,
      confidence: 0.97,
      betweenTenants: 0.02,
      seed: 3,
    };
    const { globalLambda, ownLabels, shrunk } = simulateTenants(hidden, settings);
    expect(ownLabels.under).toBeLessThanOrEqual(0.05);
    expect(shrunk.under).toBeLessThanOrEqual(0.05);
    expect(shrunk.saved).toBeGreaterThan(ownLabels.saved);
    expect(globalLambda.worst).toBeLessThanOrEqual(shrunk.worst);
  });

  it("certify a route that comes new by its own labels alone", () => {
    const [route] = unknownRoutes([...training, ...fresh], ["proofs"], menu, {
      labels: 300,
      runs: 30,
      floor: 0.95,
      confidence: 0.97,
      seed: 2,
    });
    expect(route?.under).toBeLessThanOrEqual(0.07);
    expect(route?.labelled.accuracyRatio).toBeGreaterThanOrEqual(0.95);
  });
});

describe("a model that comes new", () => {
  const tier = trained.model.header.stages.hidden.weights[0]!;
  const classifier = new Classifier(trained.model);
  const headsOf = (text: string): Float64Array =>
    Float64Array.from(classifier.score(plainQuestion(text)).heads);

  it("is as its declared tier until there are labels", () => {
    const heads = headsOf(fresh[0]!.text);
    const { correct } = classifier.score(plainQuestion(fresh[0]!.text));
    expect(chanceOf(fitAbility(tier, []), heads)).toBeCloseTo(correct[0]!, 6);
  });

  it("is known after 150 labels for as good as it is", () => {
    const random = seededRandom(8);
    // Always right, wherever its tier would not be.
    const labels = fresh
      .slice(0, 150)
      .map(({ text }) => ({ heads: headsOf(text), correct: random() < 0.97 ? 1 : 0 }));
    const ability = fitAbility(tier, labels);
    const chances = fresh.slice(150).map(({ text }) => chanceOf(ability, headsOf(text)));
    expect(chances.reduce((sum, each) => sum + each, 0) / chances.length).toBeGreaterThan(0.88);
  });
});
