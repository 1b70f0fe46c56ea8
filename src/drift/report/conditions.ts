import { driftConditionTypes, type Condition, type Reason } from "../../api/index.ts";
import type { DriftJudgement, DriftState, RouteDrift } from "../../table/index.ts";

/** What the drift job says in a route's status, and nobody else. */
export interface DriftStatus {
  conditions: Condition[];
  /** For people, in a column of `kubectl get`. */
  drift: string;
}

type DriftConditionType = (typeof driftConditionTypes)[number];

/** A condition changed its status, or the route was pinned or let go: worth an Event. */
export interface Transition {
  type: "Normal" | "Warning";
  reason: Reason;
  note: string;
}

interface StatusInput {
  route: RouteDrift;
  /** Of the route that was looked at. */
  generation: number;
  /** Conditions that are there, of whatever type. */
  previous: readonly Condition[];
  /** Milliseconds since the epoch. */
  now: number;
}

const statusOf: Readonly<Record<DriftState, Condition["status"]>> = {
  drifted: "True",
  ok: "False",
  insufficient: "Unknown",
};

const reasonOf: Readonly<Record<DriftConditionType, Record<DriftState, Reason>>> = {
  EnvelopeMissed: {
    drifted: "EnvelopeMissed",
    ok: "EnvelopeKept",
    insufficient: "InsufficientData",
  },
  LatencyDrift: {
    drifted: "LatencyDrifted",
    ok: "LatencyWithinBounds",
    insufficient: "InsufficientData",
  },
  AccuracyDrift: {
    drifted: "AccuracyDrifted",
    ok: "AccuracyWithinBounds",
    insufficient: "InsufficientData",
  },
};

/** What a route's report makes of its status. A condition of which nobody asked is absent. */
export function driftStatus(input: StatusInput): DriftStatus {
  const { latency, accuracy, envelope, pinned } = input.route;
  const conditions = [
    ...conditionOf("EnvelopeMissed", envelope, input),
    ...conditionOf("LatencyDrift", latency, input),
    ...(pinned === null
      ? conditionOf("AccuracyDrift", accuracy, input)
      : [dated("AccuracyDrift", pinnedJudgement(input.route), "PinnedToBaseline", input)]),
  ];
  return { conditions, drift: columnOf(input.route) };
}

/** A pin stands until what it is for is seen to be over, whatever the newest windows say. */
function pinnedJudgement({ accuracy, pinned }: RouteDrift): DriftJudgement {
  const since = new Date(pinned?.since ?? 0).toISOString().slice(0, 10);
  const now = accuracy === null ? "" : ` ${accuracy.sentence}`;
  return {
    state: "drifted",
    sentence: `Since ${since} all traffic goes to the baseline: ${pinned?.reason ?? ""}${now}`,
  };
}

function conditionOf(
  type: DriftConditionType,
  judgement: DriftJudgement | null,
  input: StatusInput,
): Condition[] {
  if (judgement === null) return [];
  return [dated(type, judgement, reasonOf[type][judgement.state], input)];
}

function dated(
  type: DriftConditionType,
  { state, sentence }: DriftJudgement,
  reason: Reason,
  { generation, previous, now }: StatusInput,
): Condition {
  const status = statusOf[state];
  const before = previous.find((each) => each.type === type);
  const instant = new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
  return {
    type,
    status,
    reason,
    message: sentence.slice(0, 4_096),
    observedGeneration: generation,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : instant,
  };
}

function columnOf({ latency, accuracy, pinned }: RouteDrift): string {
  const drifted = [
    ...(latency.state === "drifted" ? ["Latency"] : []),
    ...(accuracy?.state === "drifted" || pinned !== null ? ["Accuracy"] : []),
  ];
  if (drifted.length > 0) return drifted.join(" and ");
  const isKnown = latency.state === "ok" || accuracy?.state === "ok";
  return isKnown ? "None" : "Unknown";
}

/** What became otherwise. That a condition is there for the first time and nothing is amiss is no news. */
export function transitionsOf(
  previous: readonly Condition[],
  next: readonly Condition[],
): Transition[] {
  return next.flatMap(({ type, status, reason, message }) => {
    const before = previous.find((each) => each.type === type);
    const isFlip =
      (before?.status ?? "False") !== status && !(before === undefined && status !== "True");
    const isPin = (reason === "PinnedToBaseline") !== (before?.reason === "PinnedToBaseline");
    if (!isFlip && !isPin) return [];
    const kind = status === "True" ? ("Warning" as const) : ("Normal" as const);
    return [{ type: kind, reason: reason as Reason, note: `${type}: ${message}` }];
  });
}

/** Whether a status says already what is to be said: then nothing is written. */
export function isSameDrift(present: Partial<DriftStatus>, wanted: DriftStatus): boolean {
  const own = (present.conditions ?? []).filter(({ type }) =>
    driftConditionTypes.some((each) => each === type),
  );
  const sorted = (conditions: readonly Condition[]) =>
    conditions
      .map(({ type, status, reason, message, observedGeneration, lastTransitionTime }) =>
        JSON.stringify([type, status, reason, message, observedGeneration, lastTransitionTime]),
      )
      .toSorted()
      .join("\n");
  return present.drift === wanted.drift && sorted(own) === sorted(wanted.conditions);
}
