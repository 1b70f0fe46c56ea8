import type { Condition, ConditionType } from "../../api/index.ts";
import type { EventNews, KubeObject } from "../../kube/index.ts";
import type { ResourceStatus } from "./status.ts";

/** The order of conditions says nothing. Compared member by member, 2,000 times in a reconcile. */
export function isSameStatus(left: ResourceStatus | undefined, right: ResourceStatus): boolean {
  return (
    left !== undefined &&
    areSameFigures(left, right) &&
    left.conditions.length === right.conditions.length &&
    right.conditions.every((each) => isSameCondition(conditionOf(left, each.type), each))
  );
}

const areSameFigures = (left: ResourceStatus, right: ResourceStatus): boolean =>
  left.observedGeneration === right.observedGeneration &&
  left.publishedGeneration === right.publishedGeneration &&
  left.programmed === right.programmed &&
  left.routers?.ready === right.routers?.ready &&
  left.routers?.programmed === right.routers?.programmed;

function isSameCondition(left: Condition | undefined, right: Condition): boolean {
  return (
    left !== undefined &&
    left.status === right.status &&
    left.reason === right.reason &&
    left.message === right.message &&
    left.observedGeneration === right.observedGeneration &&
    left.lastTransitionTime === right.lastTransitionTime
  );
}

/**
 * What makes the difference: what authors wrote and what came of it, what routers do, or numbers and
 * wording alone, which often change again soon.
 */
export type StatusChange = "author" | "routers" | "figures";

export function changeOf(before: ResourceStatus | undefined, after: ResourceStatus): StatusChange {
  if (before?.observedGeneration !== after.observedGeneration) return "author";
  const changed = differing(before, after);
  if (changed.length === 0) return "figures";
  return changed.every((type) => byRouters.has(type)) ? "routers" : "author";
}

/** Conditions that a router alone can turn. */
const byRouters: ReadonlySet<ConditionType> = new Set(["Programmed", "Ready", "Reconciling"]);

/** Of which conditions the status or the reason differs. */
function differing(left: ResourceStatus, right: ResourceStatus): ConditionType[] {
  const types = new Set([...left.conditions, ...right.conditions].map(({ type }) => type));
  return [...types].filter((type) => {
    const [one, other] = [conditionOf(left, type), conditionOf(right, type)];
    return one?.status !== other?.status || one?.reason !== other?.reason;
  });
}

/** A draft with the times of those conditions that are as they were, whatever was drafted in between. */
export function withTimesOf(
  before: ResourceStatus | undefined,
  draft: ResourceStatus,
): ResourceStatus {
  if (before === undefined) return draft;
  const conditions = draft.conditions.map((condition) => {
    const was = conditionOf(before, condition.type);
    return was?.status === condition.status
      ? { ...condition, lastTransitionTime: was.lastTransitionTime }
      : condition;
  });
  return { ...draft, conditions };
}

/** Flips that people are told of; Programmed becomes False with every edit, for as long as routers load it. */
const told = ["Accepted", "Programmed", "Ready"] as const satisfies readonly ConditionType[];

/** One Event for each flip. Of a new resource only what is wrong, and that routers have it, is news. */
export function newsOf(
  regarding: KubeObject,
  before: ResourceStatus | undefined,
  after: ResourceStatus,
): EventNews[] {
  return told.flatMap((type) => {
    const condition = conditionOf(after, type);
    if (condition === undefined || !isNews(condition, before, after)) return [];
    const { reason, message, status } = condition;
    const eventType = status === "True" ? ("Normal" as const) : ("Warning" as const);
    return [{ regarding, type: eventType, reason, action: actions[type], note: message }];
  });
}

function isNews(
  { type, status, reason }: Condition,
  before: ResourceStatus | undefined,
  after: ResourceStatus,
): boolean {
  const was = conditionOf(before, type)?.status;
  if (status === was) return false;
  if (status === "True") return was !== undefined || type === "Programmed";
  if (type === "Accepted") return true;
  // What only the routers have yet to load passes by itself; a route without candidates does not.
  const passes = type === "Programmed" || reason === "NotServing";
  return was !== undefined && !(passes && conditionOf(after, "Reconciling") !== undefined);
}

const conditionOf = (
  status: ResourceStatus | undefined,
  wanted: ConditionType,
): Condition | undefined => status?.conditions.find(({ type }) => type === wanted);

const actions = { Accepted: "Compiling", Programmed: "Publishing", Ready: "Serving" } as const;
