import type { DriftJudgement, Envelope } from "../../table/index.ts";
import { countOf, type Histogram } from "../histogram.ts";
import type { DistributionSeries, DistributionSignal } from "../series.ts";

/** What an envelope bounds, and what measures it. */
interface Bound {
  signal: DistributionSignal;
  /** In the signal's unit. */
  limit: number;
  /** Of it, for people. */
  told: string;
}

/** Below this nothing is said of a window. */
const fewestSamples = 200;
/** The envelope's bounds are on the 95th of a hundred requests. */
const mostBeyond = 0.05;
/** So many standard errors more, so that a day that just keeps a bound is not called one that misses it. */
const errors = 3;

/**
 * Whether a route is served within its envelope, by the newest window.
 *
 * @param series of the route alone
 * @returns null where it has none
 */
export function judgeEnvelope(
  envelope: Envelope,
  series: readonly DistributionSeries[],
): DriftJudgement | null {
  const bounds = boundsOf(envelope);
  if (bounds.length === 0) return null;
  const judged = bounds.map((bound) => judgeBound(bound, series));
  const missed = judged.filter(({ state }) => state === "drifted");
  const known = judged.filter(({ state }) => state === "ok");
  const told = missed.length > 0 ? missed : known.length > 0 ? known : judged;
  const state = missed.length > 0 ? "drifted" : known.length > 0 ? "ok" : "insufficient";
  return { state, sentence: told.map(({ sentence }) => sentence).join(" ") };
}

function boundsOf({ firstTokenP95Ms, totalP95Ms, maxMicroUsd }: Envelope): Bound[] {
  const ms = (signal: DistributionSignal, limit: number | undefined, what: string): Bound[] =>
    limit === undefined ? [] : [{ signal, limit: limit / 1_000, told: `${what} ${limit} ms` }];
  const cost: Bound[] =
    maxMicroUsd === undefined
      ? []
      : [{ signal: "cost", limit: maxMicroUsd / 1e6, told: `$${maxMicroUsd / 1e6} a request` }];
  return [
    ...ms("first_token", firstTokenP95Ms, "first token within"),
    ...ms("latency", totalP95Ms, "answer within"),
    ...cost,
  ];
}

function judgeBound(
  { signal, limit, told }: Bound,
  series: readonly DistributionSeries[],
): DriftJudgement {
  const newest = series.flatMap(({ key, signal: own, windows }) => {
    const histogram = windows.at(-1) ?? null;
    // Tenants' requests are among those of all.
    return own === signal && key.tenant === null && histogram !== null ? [histogram] : [];
  });
  const n = newest.reduce((sum, histogram) => sum + countOf(histogram), 0);
  if (n < fewestSamples) {
    return {
      state: "insufficient",
      sentence: `Of the bound "${told}" nothing can be said: the newest window has ${Math.floor(n)} requests, and it takes ${fewestSamples}.`,
    };
  }
  const beyond = newest.reduce((sum, histogram) => sum + countAbove(histogram, limit), 0) / n;
  const margin = errors * Math.sqrt((mostBeyond * (1 - mostBeyond)) / n);
  const share = `${(100 * beyond).toFixed(1)} % of ${Math.floor(n)} requests were beyond "${told}"`;
  return beyond > mostBeyond + margin
    ? { state: "drifted", sentence: `${share}; the envelope allows 5 %.` }
    : { state: "ok", sentence: `${share}, as the envelope allows.` };
}

/** Within its bucket a value may lie anywhere. */
function countAbove({ bounds, counts }: Histogram, limit: number): number {
  return counts.reduce((sum, count, index) => {
    const from = index === 0 ? 0 : (bounds[index - 1] ?? 0);
    const to = bounds[index] ?? Infinity;
    if (limit <= from) return sum + count;
    if (limit >= to) return sum;
    // Of what lies above all bounds nobody knows how far: what cannot be shown to miss the bound does not.
    return to === Infinity ? sum : sum + (count * (to - limit)) / (to - from);
  }, 0);
}
