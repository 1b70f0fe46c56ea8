import {
  blindMixCurve,
  blindMixSaved,
  curveOf,
  judgeLadder,
  oracle,
  scoreByLength,
  scoreByRoute,
} from "./baselines.ts";
import { qualityByGroup, type GroupQuality } from "./group-quality.ts";
import { floors, issuePolicies, type IssuedPolicy } from "./issue-policies.ts";
import type { LabelledPrompt, TierMenu } from "./labelled-prompt.ts";
import {
  assignAll,
  assignByLambda,
  judge,
  mostSaved,
  type Assignment,
  type Judged,
} from "./lambda-policy.ts";
import {
  calibrationError,
  performanceGapRecovered,
  reliabilityOf,
  type ReliabilityBin,
} from "./measures.ts";
import { scorePrompts, type ScoredPrompt } from "./scored-prompt.ts";
import type { Trained } from "./train-model.ts";

/** By floor: the share of the strongest's cost that a policy saves. */
export type SavedByFloor = readonly number[];

export interface PolicyRow {
  name: string;
  swept: SavedByFloor;
  /** Kept and saved as λ goes, by what is kept; where no λ surpasses another in both. */
  curve: readonly Judged[];
  /** Under the λ that was certified beforehand; absent where nothing was. */
  certified?: readonly Judged[];
  /** Average performance gap recovered, from the second tier to the last and from the first. */
  apgr?: { second: number; first: number };
  calibrationError?: number;
}

export interface Evaluation {
  prompts: number;
  rows: readonly PolicyRow[];
  alwaysCheapest: Judged;
  oracle: Judged;
  /** Of the last row's policy, as are the groups. */
  reliability: readonly ReliabilityBin[];
  /** Under the policy that is certified for the first floor. */
  routes: readonly GroupQuality[];
  /** Of the prompts that tell their tenant; mostly none. */
  tenants: readonly GroupQuality[];
}

export interface EvaluationInput {
  trained: Trained;
  training: readonly LabelledPrompt[];
  /** For the certificates. */
  clean: readonly LabelledPrompt[];
  /** Judged: seen by neither. */
  judged: readonly LabelledPrompt[];
  menu: TierMenu;
}

/** A classifier and its certified policies beside the baselines, on prompts that neither has seen. */
export function evaluate(input: EvaluationInput): Evaluation {
  const { trained, training, judged, menu } = input;
  const policies = issuePolicies(input);
  const classifier = (routes: IssuedPolicy["routes"]): ScoredPolicies => {
    const scored = scorePrompts(trained.model, judged, { menu, hideRoutes: routes === "hidden" });
    const certified = assignByPolicies(scored, routes, policies);
    return { name: `classifier, route ${routes}`, scored, certified };
  };
  return evaluateScored({
    baselines: [
      { name: "by length", scored: scoreByLength(training, judged, menu) },
      { name: "table per route", scored: scoreByRoute(training, judged) },
    ],
    classifiers: [classifier("hidden"), classifier("known")],
  });
}

/** Prompts as something scores them. */
export interface ScoredBaseline {
  name: string;
  scored: readonly ScoredPrompt[];
}

export interface ScoredPolicies extends ScoredBaseline {
  /** By floor: which tier each prompt goes to. */
  certified: readonly Assignment[];
}

export interface ScoredInput {
  baselines: readonly ScoredBaseline[];
  /** At least one, all of the same prompts in the same order; the last is the one that groups are told of. */
  classifiers: readonly [...ScoredPolicies[], ScoredPolicies];
}

/** The same of prompts that are scored already. */
export function evaluateScored({ baselines, classifiers }: ScoredInput): Evaluation {
  const main = classifiers[classifiers.length - 1] ?? classifiers[0];
  const judged = main.scored.map(({ prompt }) => prompt);
  const [first = new Uint8Array()] = main.certified;
  return {
    prompts: judged.length,
    rows: [
      { name: "always strongest", swept: floors.map(() => 0), curve: [] },
      {
        name: "best blind mix",
        swept: floors.map((floor) => blindMixSaved(judged, floor)),
        curve: blindMixCurve(judged),
      },
      ...baselines.map(sweepRow),
      ...classifiers.map(classifierRow),
    ],
    alwaysCheapest: judge(assignAll(judged.length, 0), judged),
    oracle: oracle(judged),
    reliability: reliabilityOf(main.scored),
    routes: qualityByGroup(main.scored, first, ({ prompt }) => prompt.route),
    tenants: qualityByGroup(main.scored, first, ({ prompt }) => prompt.tenant),
  };
}

function sweepRow({ name, scored }: ScoredBaseline): PolicyRow {
  const ladder = judgeLadder(scored);
  return { name, swept: floors.map((floor) => mostSaved(ladder, floor)), curve: curveOf(ladder) };
}

function classifierRow({ name, scored, certified }: ScoredPolicies): PolicyRow {
  const strongest = (scored[0]?.correct.length ?? 1) - 1;
  const prompts = scored.map(({ prompt }) => prompt);
  return {
    ...sweepRow({ name, scored }),
    apgr: {
      second: performanceGapRecovered(scored, 1, strongest),
      first: performanceGapRecovered(scored, 0, strongest),
    },
    calibrationError: calibrationError(scored),
    certified: certified.map((assignment) => judge(assignment, prompts)),
  };
}

/** By floor: what the issued λ makes of these prompts; always-strongest where none was issued. */
export function assignByPolicies(
  scored: readonly ScoredPrompt[],
  routes: IssuedPolicy["routes"],
  policies: readonly IssuedPolicy[],
): Assignment[] {
  return floors.map((floor) => {
    const issued = policies.find((each) => each.routes === routes && each.floor === floor);
    return issued === undefined
      ? assignAll(scored.length, (scored[0]?.correct.length ?? 1) - 1)
      : assignByLambda(scored, issued.lambda);
  });
}
