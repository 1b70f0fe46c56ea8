import type { SourceScope } from "../histogram-source.ts";
import type { AccuracyLabel } from "../series.ts";

/** So many are held at once, whatever a source has. */
export const mostLabels = 200_000;

export type UnpairedLabel = Omit<AccuracyLabel, "baselineScore">;

/** Labels in any order in; out by time, the newest of too many, each with its baseline's score. */
export function orderedLabels(
  { routes }: Pick<SourceScope, "routes">,
  most = mostLabels,
): { add: (label: UnpairedLabel) => void; labels: () => AccuracyLabel[] } {
  let held: UnpairedLabel[] = [];
  const newest = () => held.toSorted((left, right) => left.ts - right.ts).slice(-most);
  return {
    add: (label) => {
      held.push(label);
      if (held.length >= 2 * most) held = newest();
    },
    labels: () => paired(newest(), new Map(routes.map(({ name, baseline }) => [name, baseline]))),
  };
}

const promptOf = ({ key, source, promptId }: UnpairedLabel): string =>
  JSON.stringify([key.route, source, promptId]);

/** A golden set is replayed again and again: of the baseline's scores of a prompt the one nearest in time is taken. */
function paired(
  labels: readonly UnpairedLabel[],
  baselines: ReadonlyMap<string, string | null>,
): AccuracyLabel[] {
  const isBaseline = ({ key }: UnpairedLabel) => baselines.get(key.route) === key.backend;
  const byPrompt = Map.groupBy(labels.filter(isBaseline), promptOf);
  return labels.map((label) => ({
    ...label,
    baselineScore: isBaseline(label) ? null : nearest(byPrompt.get(promptOf(label)), label.ts),
  }));
}

/** Of scores in the order of their time. */
function nearest(scores: readonly UnpairedLabel[] | undefined, ts: number): number | null {
  if (scores === undefined) return null;
  const after = firstFrom(scores, ts);
  const candidates = [scores[after - 1], scores[after]].filter((each) => each !== undefined);
  const best = candidates.toSorted(
    (left, right) => Math.abs(left.ts - ts) - Math.abs(right.ts - ts),
  )[0];
  return best?.score ?? null;
}

/** The place of the first that is not before `ts`. */
function firstFrom(scores: readonly UnpairedLabel[], ts: number): number {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((scores[middle]?.ts ?? ts) < ts) low = middle + 1;
    else high = middle;
  }
  return low;
}
