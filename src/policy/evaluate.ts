import { blindMixSaved, oracle, scoreByLength, scoreByRoute, sweptSaved } from "./baselines.ts";
import { floors, issuePolicies, type IssuedPolicy } from "./issue-policies.ts";
import type { LabelledPrompt, TierMenu } from "./labelled-prompt.ts";
import { assignAll, assignByLambda, judge, type Judged } from "./lambda-policy.ts";
import { calibrationError, performanceGapRecovered } from "./measures.ts";
import { scorePrompts, type ScoredPrompt } from "./scored-prompt.ts";
import type { Trained } from "./train-model.ts";

/** By floor: the share of the strongest's cost that a policy saves. */
export type SavedByFloor = readonly number[];

export interface PolicyRow {
  name: string;
  swept: SavedByFloor;
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
  const { training, judged, menu } = input;
  const policies = issuePolicies(input);
  const row = (name: string, scored: readonly ScoredPrompt[]): PolicyRow => ({
    name,
    swept: floors.map((floor) => sweptSaved(scored, floor)),
  });
  return {
    prompts: judged.length,
    rows: [
      { name: "always strongest", swept: floors.map(() => 0) },
      { name: "best blind mix", swept: floors.map((floor) => blindMixSaved(judged, floor)) },
      row("by length", scoreByLength(training, judged, menu)),
      row("table per route", scoreByRoute(training, judged)),
      classifierRow("classifier, route hidden", "hidden", policies, input),
      classifierRow("classifier, route known", "known", policies, input),
    ],
    alwaysCheapest: judge(assignAll(judged.length, 0), judged),
    oracle: oracle(judged),
  };
}

function classifierRow(
  name: string,
  routes: IssuedPolicy["routes"],
  policies: readonly IssuedPolicy[],
  { trained, judged, menu }: EvaluationInput,
): PolicyRow {
  const scored = scorePrompts(trained.model, judged, { menu, hideRoutes: routes === "hidden" });
  return { name, ...judgeScored(scored), certified: judgePolicies(scored, routes, policies) };
}

/** What scores are worth by themselves. */
function judgeScored(
  scored: readonly ScoredPrompt[],
): Pick<Required<PolicyRow>, "swept" | "apgr" | "calibrationError"> {
  const strongest = (scored[0]?.correct.length ?? 1) - 1;
  return {
    swept: floors.map((floor) => sweptSaved(scored, floor)),
    apgr: {
      second: performanceGapRecovered(scored, 1, strongest),
      first: performanceGapRecovered(scored, 0, strongest),
    },
    calibrationError: calibrationError(scored),
  };
}

/** By floor: what the issued λ comes to on these prompts. */
function judgePolicies(
  scored: readonly ScoredPrompt[],
  routes: IssuedPolicy["routes"],
  policies: readonly IssuedPolicy[],
): Judged[] {
  const prompts = scored.map(({ prompt }) => prompt);
  return floors.map((floor) => {
    const issued = policies.find((each) => each.routes === routes && each.floor === floor);
    const assignment =
      issued === undefined
        ? assignAll(prompts.length, (prompts[0]?.correct.length ?? 1) - 1)
        : assignByLambda(scored, issued.lambda);
    return judge(assignment, prompts);
  });
}
