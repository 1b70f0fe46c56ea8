import { Classifier, plainQuestion, trainedPrior, type ClassifierModel } from "../routing/index.ts";
import { blindMixSaved, scoreByLength, scoreByRoute, sweptSaved } from "./baselines.ts";
import { evaluateScored, type Evaluation } from "./evaluate.ts";
import { floors, type IssuedPolicies } from "./issue-policies.ts";
import type { LabelledPrompt, TierMenu } from "./labelled-prompt.ts";
import { assignAll, assignByLambda, judge, type Assignment } from "./lambda-policy.ts";
import { calibrationError, performanceGapRecovered } from "./measures.ts";
import { expectedCosts, type ScoredPrompt } from "./scored-prompt.ts";

export interface ShippedFloor {
  saved: number;
  accuracyRatio: number;
  /** Share of the prompts that the strongest serves for want of a certificate. */
  uncertifiedShare: number;
  /** λ swept over these prompts, certificate or not. */
  sweptSaved: number;
  blindMixSaved: number;
  /** The best table by route that there is for these very prompts. */
  routeTableSaved: number;
}

export interface ShippedFindings {
  floors: Record<string, ShippedFloor>;
  /** Of the prompts that a certificate covers, or of all where it covers none. */
  apgr: { mediumToFrontier: number; smallToFrontier: number };
  ece: number;
}

export interface ShippedInput {
  model: ClassifierModel;
  policies: IssuedPolicies;
  prompts: readonly LabelledPrompt[];
  menu: TierMenu;
  hideRoutes: boolean;
}

interface CoveredPrompt extends ScoredPrompt {
  /** Whether the certificates are of its route, and the training knew its kind. */
  isCovered: boolean;
}

/**
 * Judges a model and its policies as a router would apply them: a prompt of a route that no
 * certificate is of, or of a kind that the training never held, goes to the strongest.
 */
export function judgeShipped(input: ShippedInput): ShippedFindings {
  const { prompts, menu } = input;
  const scored = coverPrompts(input);
  const strongest = menu.tiers.length - 1;
  const covered = scored.filter(({ isCovered }) => isCovered);
  const byRoute = scoreByRoute(prompts, prompts);
  const found: Record<string, ShippedFloor> = {};
  for (const [place, assignment] of assignShipped(scored, input).entries()) {
    const floor = floors[place] ?? 1;
    const isIssued = issuedFor(floor, input) !== undefined;
    found[floor.toFixed(2)] = {
      ...judge(assignment, prompts),
      uncertifiedShare: isIssued ? 1 - covered.length / scored.length : 1,
      sweptSaved: sweptSaved(scored, floor),
      blindMixSaved: blindMixSaved(prompts, floor),
      routeTableSaved: sweptSaved(byRoute, floor),
    };
  }
  const measured = covered.length > 0 ? covered : scored;
  return {
    floors: found,
    apgr: {
      mediumToFrontier: performanceGapRecovered(measured, 1, strongest),
      smallToFrontier: performanceGapRecovered(measured, 0, strongest),
    },
    ece: calibrationError(measured),
  };
}

/** The same in full, for a report; the baselines are fitted to the very prompts, which flatters them. */
export function evaluateShipped(input: ShippedInput): Evaluation {
  const { prompts, menu, hideRoutes } = input;
  const scored = coverPrompts(input);
  return evaluateScored({
    baselines: [
      { name: "by length", scored: scoreByLength(prompts, prompts, menu) },
      { name: "table per route", scored: scoreByRoute(prompts, prompts) },
    ],
    classifiers: [
      {
        name: `classifier, route ${hideRoutes ? "hidden" : "known"}`,
        scored,
        certified: assignShipped(scored, input),
      },
    ],
  });
}

function issuedFor(floor: number, { policies, hideRoutes }: ShippedInput) {
  const routes = hideRoutes ? "hidden" : "known";
  return policies.policies.find((each) => each.floor === floor && each.routes === routes);
}

/** By floor. */
function assignShipped(scored: readonly CoveredPrompt[], input: ShippedInput): Assignment[] {
  const strongest = input.menu.tiers.length - 1;
  return floors.map((floor) => {
    const issued = issuedFor(floor, input);
    if (issued === undefined) return assignAll(scored.length, strongest);
    const assignment = assignByLambda(scored, issued.lambda);
    for (const [place, { isCovered }] of scored.entries()) {
      if (!isCovered) assignment[place] = strongest;
    }
    return assignment;
  });
}

function coverPrompts({
  model,
  policies,
  prompts,
  menu,
  hideRoutes,
}: ShippedInput): CoveredPrompt[] {
  const classifier = new Classifier(model);
  const certified = new Set(policies.routes);
  return prompts.map((prompt) => {
    const prior = hideRoutes ? undefined : trainedPrior(model.header, prompt.route);
    const scores = classifier.score(plainQuestion(prompt.text), prior);
    return {
      prompt,
      correct: Float64Array.from(scores.correct),
      costUsd: expectedCosts(menu, prompt.text, scores.outputTokens),
      isCovered: certified.has(prompt.route) && scores.unfamiliar.length === 0,
    };
  });
}
