import { seededRandom } from "../lib/index.ts";
import { confidence } from "./issue-policies.ts";
import { certify, type PairedLabels } from "./certify.ts";
import type { LabelledPrompt, TierMenu } from "./labelled-prompt.ts";
import { assignByLambda, judge, lambdaLadder, type Judged } from "./lambda-policy.ts";
import { pairedLabels, pickLabels } from "./paired-labels.ts";
import { crossFittedScores, scorePrompts } from "./scored-prompt.ts";
import { trainModel } from "./train-model.ts";

export interface UnknownRouteSettings {
  labels: number;
  /** Draws of labels from each route. */
  runs: number;
  floor: number;
  confidence: number;
  seed: number;
}

const unknownRouteDefaults: UnknownRouteSettings = {
  labels: 300,
  runs: 40,
  floor: 0.95,
  confidence,
  seed: 1,
};

export interface UnknownRoute {
  routes: string;
  prompts: number;
  /** What the λ that is certified on the known routes would do here: the mistake. */
  carriedOver: Judged;
  /** Means over the runs, each with labels of its own. */
  labelled: { saved: number; accuracyRatio: number };
  /** Share of the runs that fall below the floor. */
  under: number;
}

/** Folds of routes: those of a fold are unknown together, so that their neighbours are too. */
export type RouteFold = readonly string[];

/** Pairs of routes, in the order of their names: neither helps with the other. */
export function routePairs(prompts: readonly LabelledPrompt[]): RouteFold[] {
  const names = [...new Set(prompts.map(({ route }) => route))].toSorted();
  const half = Math.ceil(names.length / 2);
  return names
    .slice(0, half)
    .map((name, place) => [name, ...names.slice(half + place, half + place + 1)]);
}

/**
 * Trains without some routes and certifies a λ on each from labels of it alone, as of a route that
 * comes new. Without labels such a route is served by the strongest: nothing saved, every floor kept.
 * Labels are drawn with replacement, and what a λ keeps is the mean over the whole route.
 */
export function unknownRoutes(
  prompts: readonly LabelledPrompt[],
  fold: RouteFold,
  menu: TierMenu,
  settings: UnknownRouteSettings = unknownRouteDefaults,
): UnknownRoute[] {
  const known = prompts.filter(({ route }) => !fold.includes(route));
  const options = { name: "without", tiers: menu.tiers, seed: settings.seed, dataDigest: "" };
  const trained = trainModel(known, options);
  const { model } = trained;
  const { rung: carried } = certify(
    pairedLabels(crossFittedScores({ trained, training: known, menu }, true)),
    settings,
  );
  return fold.map((route) => {
    const ofRoute = prompts.filter((each) => each.route === route);
    const scored = scorePrompts(model, ofRoute, { menu, hideRoutes: true });
    const judged = lambdaLadder.map((lambda) => judge(assignByLambda(scored, lambda), ofRoute));
    const runs = drawRuns(pairedLabels(scored), settings).map(
      (rung) => judged[rung] ?? nothingSaved,
    );
    const mean = (of: (each: Judged) => number): number =>
      runs.reduce((sum, each) => sum + of(each), 0) / runs.length;
    return {
      routes: route,
      prompts: ofRoute.length,
      carriedOver: judged[carried] ?? nothingSaved,
      labelled: {
        saved: mean(({ saved }) => saved),
        accuracyRatio: mean((each) => each.accuracyRatio),
      },
      under: mean(({ accuracyRatio }) => (accuracyRatio < settings.floor ? 1 : 0)),
    };
  });
}

const nothingSaved: Judged = { accuracyRatio: 1, saved: 0 };

/** By run: the rung that its labels certify. */
function drawRuns(labels: PairedLabels, settings: UnknownRouteSettings): number[] {
  const random = seededRandom(settings.seed);
  const count = labels.strongest.length;
  return Array.from({ length: settings.runs }, () => {
    const places = Array.from({ length: settings.labels }, () => Math.floor(random() * count));
    return certify(pickLabels(labels, places), settings).rung;
  });
}
