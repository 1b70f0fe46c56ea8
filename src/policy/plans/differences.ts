import { chooseFor, type PlanPolicy } from "./plan-policy.ts";
import type { LabelledRow, ScoredRow } from "./scored-row.ts";

/** By labelled prompt that counts: chosen − floor · baseline's. */
export interface Differences {
  real: Float64Array;
  /** What the classifier guessed of it. */
  guessed: Float64Array;
  /** How many prompts each stands for. */
  weights: Float64Array;
}

/** By who served: the share of shadowed requests in which a candidate and the baseline were both judged. */
export type Coverage = ReadonlyMap<number, Float64Array>;

/**
 * A shadow is drawn without regard to what a request says. So the prompts of which a candidate happens to
 * be judged beside the baseline stand for all that the same backend served, each for as many as the draw
 * left out.
 */
export function coverageOf(rows: readonly LabelledRow[]): Coverage {
  const shadows = rows.filter(({ source }) => source === "shadow");
  const byServed = Map.groupBy(shadows, ({ served }) => served);
  return new Map(
    [...byServed].map(([served, some]) => [
      served,
      Float64Array.from(some[0]?.scores ?? [], (_, place) => {
        const judged = some.filter((row) => isJudged(row, place));
        return judged.length / some.length;
      }),
    ]),
  );
}

const isJudged = ({ scores }: LabelledRow, place: number): boolean =>
  !Number.isNaN(scores[place]) && !Number.isNaN(scores.at(-1));

/**
 * What a policy's choices came to on labelled prompts. Where its choice could never have been judged, it
 * is taken for wrong: labels must not flatter by what they leave out.
 */
export function differencesOf(
  rows: readonly LabelledRow[],
  policy: PlanPolicy,
  { floor, coverage }: { floor: number; coverage: Coverage },
): Differences {
  const real = new Float64Array(rows.length);
  const guessed = new Float64Array(rows.length);
  const weights = new Float64Array(rows.length);
  let count = 0;
  for (const row of rows) {
    const choice = chooseFor(row, policy);
    const found = realDifference(row, choice, floor, coverage);
    if (found === undefined) continue;
    real[count] = found.value;
    weights[count] = found.weight;
    guessed[count] = guessOf(row, choice, floor);
    count += 1;
  }
  return {
    real: real.subarray(0, count),
    guessed: guessed.subarray(0, count),
    weights: weights.subarray(0, count),
  };
}

interface Weighed {
  value: number;
  weight: number;
}

function realDifference(
  row: LabelledRow,
  choice: number,
  floor: number,
  coverage: Coverage,
): Weighed | undefined {
  const chosen = row.scores[choice] ?? Number.NaN;
  const baseline = row.scores.at(-1) ?? Number.NaN;
  const share = coverageFor(row, choice, coverage);
  if (isJudged(row, choice)) return { value: chosen - floor * baseline, weight: 1 / share };
  if (share > 0) return undefined;
  return { value: Number.isNaN(baseline) ? -floor : -floor * baseline, weight: 1 };
}

/** Of a golden set everything that was wanted was judged: what is not there is wanting for good. */
function coverageFor(row: LabelledRow, choice: number, coverage: Coverage): number {
  if (row.source === "golden") return isJudged(row, choice) ? 1 : 0;
  return coverage.get(row.served)?.[choice] ?? 0;
}

/** What the classifier expects of a choice: chosen − floor · baseline's. */
function guessOf({ correct }: ScoredRow, choice: number, floor: number): number {
  return (correct[choice] ?? 0) - floor * (correct.at(-1) ?? 0);
}

export function guessesOf(
  rows: readonly ScoredRow[],
  policy: PlanPolicy,
  floor: number,
): Float64Array {
  return Float64Array.from(rows, (row) => guessOf(row, chooseFor(row, policy), floor));
}
