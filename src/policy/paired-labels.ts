import type { PairedLabels } from "./certify.ts";
import { assignByLambda, lambdaLadder } from "./lambda-policy.ts";
import type { ScoredPrompt } from "./scored-prompt.ts";

/** What each rung of the ladder got right on labelled prompts. */
export function pairedLabels(scored: readonly ScoredPrompt[]): PairedLabels {
  return {
    rungs: lambdaLadder.map((lambda) => {
      const assignment = assignByLambda(scored, lambda);
      return Float64Array.from(
        scored,
        ({ prompt }, place) => prompt.correct[assignment[place] ?? 0] ?? 0,
      );
    }),
    strongest: Float64Array.from(scored, ({ prompt }) => prompt.correct.at(-1) ?? 0),
  };
}

/** The labels of some of the prompts; a place may come more than once. */
export function pickLabels(labels: PairedLabels, places: readonly number[]): PairedLabels {
  const pick = (from: Float64Array): Float64Array =>
    Float64Array.from(places, (place) => from[place] ?? 0);
  return { rungs: labels.rungs.map(pick), strongest: pick(labels.strongest) };
}

export function joinLabels(left: PairedLabels, right: PairedLabels): PairedLabels {
  return {
    rungs: left.rungs.map((rung, place) => Float64Array.of(...rung, ...(right.rungs[place] ?? []))),
    strongest: Float64Array.of(...left.strongest, ...right.strongest),
  };
}
