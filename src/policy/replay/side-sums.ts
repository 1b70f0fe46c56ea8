import type { Way } from "./redecide.ts";
import type { Residuals } from "./replay-basis.ts";

/** Sums over the requests of one route, for one of the two policies. */
export interface SideSums {
  requests: number;
  /** USD of tokens that are known; and where none are, expected USD by backend. */
  knownUsd: number;
  expectedUsd: Map<string, number>;
  /** Requests by backend, in shares. */
  backends: Map<string, number>;
  envelopeMissed: number;
  /** Requests under a certified plan, and such as the baseline served, which keeps every floor. */
  certified: number;
  baseline: number;
  /** Of requests where both were estimated: correctness of the chosen, of the baseline, and their moments. */
  correct: Moments;
  /** By backend: how much of `correct` is its. */
  correctFrom: Map<string, number>;
}

export interface Moments {
  count: number;
  chosen: number;
  baseline: number;
  chosenSquares: number;
  baselineSquares: number;
  products: number;
}

export function emptySide(): SideSums {
  return {
    requests: 0,
    knownUsd: 0,
    expectedUsd: new Map(),
    backends: new Map(),
    envelopeMissed: 0,
    certified: 0,
    baseline: 0,
    correct: {
      count: 0,
      chosen: 0,
      baseline: 0,
      chosenSquares: 0,
      baselineSquares: 0,
      products: 0,
    },
    correctFrom: new Map(),
  };
}

export function bump(map: Map<string, number>, key: string, by: number): void {
  map.set(key, (map.get(key) ?? 0) + by);
}

/** @param usdFor what the request's own tokens cost at a backend; undefined where nobody knows */
export function addWays(
  side: SideSums,
  ways: readonly Way[],
  usdFor: (backend: string) => number | undefined,
  baseline: { name: string; p: number | null },
): void {
  side.requests += 1;
  for (const { backend, share, expectedUsd, inEnvelope } of ways) {
    bump(side.backends, backend, share);
    const usd = usdFor(backend);
    if (usd === undefined) bump(side.expectedUsd, backend, share * expectedUsd);
    else side.knownUsd += share * usd;
    if (!inEnvelope) side.envelopeMissed += share;
    if (backend === baseline.name) side.baseline += share;
  }
  if (baseline.p === null) return;
  const chosen = ways.reduce((sum, { share, p }) => sum + share * p, 0);
  const { correct } = side;
  correct.count += 1;
  correct.chosen += chosen;
  correct.baseline += baseline.p;
  correct.chosenSquares += chosen ** 2;
  correct.baselineSquares += baseline.p ** 2;
  correct.products += chosen * baseline.p;
  for (const { backend, share } of ways) bump(side.correctFrom, backend, share);
}

/** What the side cost: known amounts as they are, expected ones as real costs have compared with them. */
export function usdOf(side: SideSums, costRatio: (backend: string) => number): number {
  let usd = side.knownUsd;
  for (const [backend, expected] of side.expectedUsd) usd += expected * costRatio(backend);
  return usd;
}

export interface KeptPart {
  route: string;
  side: SideSums;
  baseline: string;
}

/** As kept, and how much of it is labels' word and not the classifier's alone. */
export interface ExpectedKept {
  estimate: number;
  lower: number;
  upper: number;
  /** Share of the requests that went to backends with labels on their route. */
  labelled: number;
}

const z95 = 1.959964;

/**
 * The share of the baseline's correct answers that was kept: probabilities as they were said, corrected
 * by what labels say they are off, backend by backend. Its interval, of 95 %, holds the chance of these
 * requests and of these labels; where there are no labels it trusts the classifier.
 *
 * @returns null where nothing was estimated
 */
export function keptOf(
  parts: readonly KeptPart[],
  residuals: (route: string, backend: string) => Residuals | undefined,
): ExpectedKept | null {
  let count = 0;
  let [chosen, baseline, labelled] = [0, 0, 0];
  const corrections: { chosen: number; baseline: number; variance: number }[] = [];
  for (const { route, side, baseline: name } of parts) {
    const { correct, correctFrom } = side;
    count += correct.count;
    chosen += correct.chosen;
    baseline += correct.baseline;
    for (const backend of new Set([...correctFrom.keys(), name])) {
      const found = residuals(route, backend);
      if (found === undefined || found.count < 2) continue;
      const mean = found.sum / found.count;
      const share = correctFrom.get(backend) ?? 0;
      const compared = backend === name ? correct.count : 0;
      chosen += share * mean;
      baseline += compared * mean;
      labelled += share;
      // Two labels more that disagree: agreement of a handful by chance must not pass for certainty.
      const spread = (found.squares + 2) / found.count - mean ** 2;
      corrections.push({ chosen: share, baseline: compared, variance: spread / (found.count - 1) });
    }
  }
  if (count === 0 || baseline <= 0) return null;
  const estimate = chosen / baseline;
  let variance = parts.reduce((sum, { side }) => sum + squaresOf(side.correct, estimate), 0);
  for (const each of corrections) {
    variance += (each.chosen - estimate * each.baseline) ** 2 * each.variance;
  }
  const spread = (z95 * Math.sqrt(variance)) / baseline;
  return {
    estimate,
    lower: Math.max(0, estimate - spread),
    upper: estimate + spread,
    labelled: labelled / count,
  };
}

/** Sum of (chosen − ratio · baseline)², less what its mean explains. */
function squaresOf(moments: Moments, ratio: number): number {
  const { count, chosen, baseline, chosenSquares, baselineSquares, products } = moments;
  const squares = chosenSquares - 2 * ratio * products + ratio ** 2 * baselineSquares;
  return Math.max(0, squares - (chosen - ratio * baseline) ** 2 / Math.max(1, count));
}
