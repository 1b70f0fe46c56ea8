import { seededRandom } from "../lib/index.ts";
import { chanceOf, Classifier, plainQuestion, type ClassifierModel } from "../routing/index.ts";
import { fitAbility } from "./ability.ts";
import type { LabelledPrompt, TierMenu } from "./labelled-prompt.ts";
import { areaUnderCurve } from "./measures.ts";
import { trainModel } from "./train-model.ts";

export interface NewModelSettings {
  labels: number;
  /** Draws of the labels. */
  runs: number;
  seed: number;
}

const newModelDefaults: NewModelSettings = { labels: 200, runs: 10, seed: 1 };

export interface NewModel {
  /** By source. */
  models: readonly string[];
  declaredTier: string;
  /** Areas under the curve on prompts that nothing was fitted to: as its declared tier, … */
  asDeclared: number;
  /** … with its ability fitted to labels, as a mean over the runs, … */
  onboarded: number;
  /** … and with everything trained again on all its labels. */
  retrained: number;
}

/**
 * As many models as there are tiers, none of them a tier's own, taken in turn from the names of each
 * source: every one of them stands for a model that comes after the training.
 */
function newcomers(prompts: readonly LabelledPrompt[], menu: TierMenu): Map<string, string[]> {
  const bySource = Map.groupBy(prompts, ({ source }) => source);
  return new Map(
    [...bySource].map(([source, some]) => {
      const judged = some.map((each) => new Set(Object.keys(each.judged)));
      const names = [...(judged[0] ?? [])]
        .filter((name) => !(menu.models[source] ?? []).includes(name))
        .filter((name) => judged.every((each) => each.has(name)))
        .toSorted();
      const step = Math.max(1, Math.floor(names.length / menu.tiers.length));
      return [source, menu.tiers.flatMap((_, tier) => names.slice(tier * step, tier * step + 1))];
    }),
  );
}

/** The same prompts, answered by the newcomers in the tiers' places. */
function answeredBy(
  prompts: readonly LabelledPrompt[],
  names: ReadonlyMap<string, readonly string[]>,
): LabelledPrompt[] {
  return prompts.map((prompt) => ({
    ...prompt,
    correct: (names.get(prompt.source) ?? []).map((name) => prompt.judged[name] ?? 0),
  }));
}

/**
 * How well a model is known that came after the training: trains without the newcomers, fits each
 * one's ability to labels, and trains with it for comparison.
 *
 * @param rest prompts of no training, from which the labels are drawn; the others of them are judged
 */
export function judgeNewModels(
  training: readonly LabelledPrompt[],
  rest: readonly LabelledPrompt[],
  menu: TierMenu,
  settings: NewModelSettings = newModelDefaults,
): NewModel[] {
  const names = newcomers(training, menu);
  const besides = new Set([...names.values()].flat());
  const options = { name: "new-models", tiers: menu.tiers, seed: settings.seed, dataDigest: "" };
  const { model } = trainModel(training, { ...options, besides });
  const { model: retrained } = trainModel(answeredBy(training, names), options);
  const heads = headsOf(model, rest);
  const answers = answeredBy(rest, names);
  const again = chancesOf(retrained, rest);
  return menu.tiers.map((_, slot) => {
    const right = answers.map(({ correct }) => correct[slot] ?? 0);
    const declared = nearestTier(training, answeredBy(training, names), slot);
    const stage = model.header.stages.hidden.weights[declared] ?? [];
    const fits = drawRuns(heads, right, stage, settings);
    const mean = (of: (each: Run) => number): number =>
      fits.reduce((sum, each) => sum + of(each), 0) / fits.length;
    return {
      models: [...names.values()].map((ofSource) => ofSource[slot] ?? ""),
      declaredTier: menu.tiers[declared] ?? "",
      asDeclared: mean(({ judged }) =>
        aucOf(judged, right, (place) => chanceOf({ weights: stage }, heads[place] ?? [])),
      ),
      onboarded: mean(({ judged, chance }) => aucOf(judged, right, chance)),
      retrained: mean(({ judged }) => aucOf(judged, right, (place) => again[place]?.[slot] ?? 0)),
    };
  });
}

interface Run {
  judged: readonly number[];
  chance: (place: number) => number;
}

function drawRuns(
  heads: readonly Float64Array[],
  right: readonly number[],
  stage: readonly number[],
  { labels, runs, seed }: NewModelSettings,
): Run[] {
  const random = seededRandom(seed);
  return Array.from({ length: runs }, () => {
    const order = Array.from(heads.keys(), (place) => ({ place, draw: random() })).toSorted(
      (left, other) => left.draw - other.draw,
    );
    const labelled = order.slice(0, labels).map(({ place }) => ({
      heads: heads[place] ?? [],
      correct: right[place] ?? 0,
    }));
    const ability = fitAbility(stage, labelled);
    return {
      judged: order.slice(labels).map(({ place }) => place),
      chance: (place) => chanceOf(ability, heads[place] ?? []),
    };
  });
}

function aucOf(
  places: readonly number[],
  right: readonly number[],
  chance: (place: number) => number,
): number {
  return areaUnderCurve(
    places.map(chance),
    places.map((place) => right[place] ?? 0),
  );
}

function headsOf(model: ClassifierModel, prompts: readonly LabelledPrompt[]): Float64Array[] {
  const classifier = new Classifier(model);
  return prompts.map(({ text }) => Float64Array.from(classifier.score(plainQuestion(text)).heads));
}

function chancesOf(model: ClassifierModel, prompts: readonly LabelledPrompt[]): Float64Array[] {
  const classifier = new Classifier(model);
  return prompts.map(({ text }) =>
    Float64Array.from(classifier.score(plainQuestion(text)).correct),
  );
}

/** The tier whose share of correct answers is closest: what an author would declare. */
function nearestTier(
  prompts: readonly LabelledPrompt[],
  answers: readonly LabelledPrompt[],
  slot: number,
): number {
  const share = (some: readonly LabelledPrompt[], tier: number): number =>
    some.reduce((sum, { correct }) => sum + (correct[tier] ?? 0), 0) / some.length;
  const own = share(answers, slot);
  const tiers = Array.from(prompts[0]?.correct.keys() ?? []);
  return tiers.reduce((best, tier) =>
    Math.abs(share(prompts, tier) - own) < Math.abs(share(prompts, best) - own) ? tier : best,
  );
}
