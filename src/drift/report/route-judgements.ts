import type { DriftJudgement } from "../../table/index.ts";
import type { SeriesFinding } from "../finding.ts";
import type { Signal } from "../series.ts";

const latencySignals: ReadonlySet<Signal> = new Set(["first_token", "latency"]);

/** As many series as a person reads in a condition. */
const mostTold = 3;

/** What is said of a route's latency, over its backends and large tenants. */
export function judgeLatency(series: readonly SeriesFinding[]): DriftJudgement {
  return judgeAll(
    series.filter(({ signal }) => latencySignals.has(signal)),
    "Latency is within its bounds",
    "Nothing is known of the route's latency: no request of it was measured.",
  );
}

/**
 * What is said of a route's accuracy. Where anybody has judged its answers, what the classifier believes of them is
 * left out.
 *
 * @returns null where nothing could tell
 */
export function judgeAccuracy(
  series: readonly SeriesFinding[],
  isAsked: boolean,
): DriftJudgement | null {
  const all = series.filter(({ signal }) => signal === "accuracy");
  const judged = all.filter(({ estimated }) => !estimated);
  const told = judged.length > 0 ? judged : all;
  if (told.length === 0 && !isAsked) return null;
  return judgeAll(
    told,
    "Accuracy is within its bounds",
    "Nothing is known of the route's accuracy: there is no label of its answers.",
  );
}

function judgeAll(series: readonly SeriesFinding[], fine: string, unknown: string): DriftJudgement {
  const drifted = series.filter(({ state }) => state === "drifted");
  if (drifted.length > 0) return { state: "drifted", sentence: toldOf(drifted) };
  const sound = series.filter(({ state }) => state === "ok");
  if (sound.length > 0) {
    const others = series.length - sound.length;
    const rest = others === 0 ? "" : `; of ${others} more too little is known`;
    return { state: "ok", sentence: `${fine}, by ${sound.length} series${rest}.` };
  }
  // The busiest lacks least: what holds it back holds all of them back.
  const busiest = series.toSorted((left, right) => right.samples - left.samples)[0];
  return { state: "insufficient", sentence: busiest?.sentence ?? unknown };
}

function toldOf(series: readonly SeriesFinding[]): string {
  const told = series.slice(0, mostTold).map(({ sentence }) => sentence);
  const more = series.length - told.length;
  return [...told, ...(more > 0 ? [`${more} more series have drifted.`] : [])].join(" ");
}
