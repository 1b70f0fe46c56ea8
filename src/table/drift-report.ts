import { z } from "zod";
import { err, type Result } from "../lib/index.ts";
import { readJsonFile } from "./json-file.ts";

// What the drift job found of one group's routes, as a ConfigMap and a local folder hold it: the operator
// and compile read it for pins, routers' console and people for the rest. Who made it is not known here.

/** Beyond it there are no dates. */
const lastInstant = 8_640_000_000_000_000;

const instant = z.int().nonnegative().max(lastInstant);
const name = z.string().min(1).max(253);
const share = z.number().min(0).max(1);

/** Insufficient: too little is known to say either. */
const state = z.enum(["ok", "drifted", "insufficient"]);

export type DriftState = z.output<typeof state>;

const signal = z.enum([
  "first_token",
  "latency",
  "input_tokens",
  "output_tokens",
  "cost",
  "confidence",
  "finish_reason",
  "refusal",
  "fallback",
  "error",
  "accuracy",
]);

export type DriftSignal = z.output<typeof signal>;

/** In the signal's unit. Quantiles are null where the signal has none, as shares and accuracy; `share` is null elsewhere. */
const summary = z.object({
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  share: share.nullable(),
  n: z.number().nonnegative(),
});

export type DriftSummary = z.output<typeof summary>;

const finding = z.object({
  key: z.object({ route: name, backend: name, tenant: name.nullable() }),
  signal,
  state,
  /** What of the series is nearest to its threshold, or furthest beyond; null where nothing could be compared. */
  statistic: z.enum(["distance", "p50", "p95", "share", "mean", "evidence"]).nullable(),
  /** Of shares, the category that moved most. */
  category: z.string().max(128).nullable(),
  /**
   * In the unit of `threshold`: 0.25 is +25 % of a distance or quantile, 25 points of a share or mean; evidence
   * is a capital that was 1. Null where nothing could be compared.
   */
  score: z.number().nullable(),
  threshold: z.number().nullable(),
  direction: z.enum(["up", "down"]).nullable(),
  /** Requests, or labels, of the windows that were judged. */
  samples: z.number().nonnegative(),
  pValue: share.nullable(),
  /** After the control of multiple testing. */
  qValue: share.nullable(),
  /** When it changed, in milliseconds since the epoch; null where it has not, or nobody can tell. */
  changedAt: instant.nullable(),
  /**
   * The guess at why: what moved with it, from what to what, and how much of the change is gone once it is held as it
   * was; null where nobody can tell, and it only moved at the same time.
   */
  cause: z
    .strictObject({
      fact: z.enum(["model", "region", "tenant", "prompt_length"]),
      from: z.string().max(512),
      to: z.string().max(512),
      share: share.nullable(),
    })
    .nullable(),
  /** Of accuracy: what judged the answers. A classifier's confidence is no judgement, only an estimate. */
  source: z.enum(["golden", "feedback", "shadow", "confidence"]).nullable(),
  estimated: z.boolean(),
  /** What the windows before looked like, and the one that was judged; null where nothing is known. */
  reference: summary.nullable(),
  current: summary.nullable(),
  /** The finding for people; where there is too little, what is missing. */
  sentence: z.string().max(1_024),
});

export type DriftFinding = z.output<typeof finding>;

const pin = z.object({
  /** Milliseconds since the epoch. */
  since: instant,
  /** A sentence for people. */
  reason: z.string().min(1).max(1_024),
  /** Whose answers have become worse: once theirs meet the floor again, the pin is lifted. */
  backends: z.array(name).max(64),
  /** When they became so, in milliseconds since the epoch, as far as anybody can tell. */
  changedAt: instant,
});

/** A route whose traffic goes to its baseline because what else served it has become worse. */
export type DriftPin = z.output<typeof pin>;

const recovery = z.object({
  backend: name,
  /** From when to when its answers were worse, in milliseconds since the epoch. */
  from: instant,
  to: instant,
});

/** A time in which a backend's answers were worse, and that is over: it was pinned for, and has been let go. */
export type DriftRecovery = z.output<typeof recovery>;

const judgement = z.object({
  state,
  /** A sentence for people, as the route's condition says it. */
  sentence: z.string().max(4_096),
});

/** What is said of one aspect of a route, over all of its series. */
export type DriftJudgement = z.output<typeof judgement>;

const routeReport = z.object({
  latency: judgement,
  /** Null: nobody asked for it to be watched. */
  accuracy: judgement.nullable(),
  /** `drifted`: requests are served outside of the route's envelope. Null: it has no envelope. */
  envelope: judgement.nullable(),
  pinned: pin.nullable(),
  /** As far back as labels are looked at. */
  recovered: z.array(recovery).max(64).exactOptional(),
  /** Those that matter most first. */
  series: z.array(finding),
  /** Series that there was no room for. */
  left: z.int().nonnegative(),
});

export type RouteDrift = z.output<typeof routeReport>;

const driftReport = z.object({
  version: z.literal(1),
  /** In milliseconds since the epoch, as all instants here. */
  lookedAt: instant,
  /** The time that the report rests on. */
  from: instant,
  to: instant,
  /** Where the figures come from, such as `Prometheus`. */
  source: z.string().max(256),
  /** By the name of the route: those that ask to be watched. */
  routes: z.record(name, routeReport),
  /** What could not be looked at, each as a sentence that says why. */
  missing: z.array(z.string().max(1_024)),
});

/** One run of the drift job over the routes of one group. */
export type DriftReport = z.output<typeof driftReport>;

/** What a report says of a route, by a name that anybody may have chosen. */
export const driftOf = (report: DriftReport | null, route: string): RouteDrift | undefined =>
  report !== null && Object.hasOwn(report.routes, route) ? report.routes[route] : undefined;

/** @returns the report, or what is wrong with it, as the rest of a sentence */
export function readDriftReport(text: string): Result<DriftReport, string> {
  if (text === "") return err("it is empty: the job has not run yet");
  return readJsonFile(driftReport, text);
}
