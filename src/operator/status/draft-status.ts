import { conditionTypes, type Condition, type Finding, type Kind } from "../../api/index.ts";
import {
  isRefused,
  judgeAccepted,
  judgeProgrammed,
  judgeReady,
  judgeResolvedRefs,
  type Judged,
  type Judgement,
} from "./judgements.ts";
import type { Standing } from "./standing.ts";
import type { ResourceStatus } from "./status.ts";

export interface StatusInput {
  resource: { kind: Kind; generation: number };
  findings: readonly Finding[];
  standings: readonly Standing[];
  previous: ResourceStatus | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * What is to be said of a resource. Reconciling and Stalled are there only while they hold, and never
 * both: Stalled where only the author can go on, Reconciling where the operator or the routers still
 * have something to do. A backend or tenant that no group needs is Ready without being Programmed: it
 * is at rest, and no router has it.
 */
export function draftStatus(input: StatusInput): ResourceStatus {
  return input.resource.kind === "ModelRoute" ? draftRoute(input) : draftOther(input);
}

const unused = {
  ModelRoute: "No router class serves the route.",
  ModelBackend: "No route that is served names the backend, so routers have not been told of it.",
  TenantPolicy:
    "The namespace has no route that is served, so no router has been told of the tenant.",
} as const;

function draftOther(input: StatusInput): ResourceStatus {
  const { resource, findings, standings } = input;
  const isTextCompiled = !findings.some(({ reason }) => replacesText.has(reason));
  return withConditions(input, {
    findings,
    standings,
    isTextCompiled: isTextCompiled && !isRefused({ findings }),
    unused: unused[resource.kind],
  });
}

/** Findings that say that something else serves in the text's place, or nothing. */
const replacesText: ReadonlySet<string> = new Set(["KeptPublished", "Paused", "NotAccepted"]);

function draftRoute(input: StatusInput): ResourceStatus {
  const { resource, findings, standings } = input;
  const publishedGeneration = publishedOf(input);
  const [standing] = standings;
  const { ready = 0, programmed = 0 } = standing ?? {};
  return {
    ...withConditions(input, {
      findings,
      standings,
      isTextCompiled: isFresh(input) || publishedGeneration === resource.generation,
      unused: unused.ModelRoute,
    }),
    ...(publishedGeneration === undefined ? {} : { publishedGeneration }),
    ...(standing === undefined
      ? {}
      : { routers: { ready, programmed }, programmed: `${programmed}/${ready}` }),
  };
}

/** Whether the route's text, as it is now, was compiled. */
function isFresh({ findings }: StatusInput): boolean {
  return !isRefused({ findings }) && !findings.some(({ reason }) => replacesText.has(reason));
}

/** The generation that the published table holds: this one, or the one that it held before. */
function publishedOf(input: StatusInput): number | undefined {
  const [standing] = input.standings;
  if (standing === undefined || !standing.isPublished) return undefined;
  return isFresh(input) && !standing.isPending
    ? input.resource.generation
    : input.previous?.publishedGeneration;
}

function withConditions(input: StatusInput, judged: Judged): ResourceStatus {
  const accepted = judgeAccepted(judged);
  const programmed = judgeProgrammed(judged);
  const judgements = [
    accepted,
    judgeResolvedRefs(judged),
    programmed,
    judgeReady(judged),
    ...progress(accepted, programmed, judged),
  ];
  const { generation } = input.resource;
  return {
    observedGeneration: generation,
    conditions: judgements.map((judgement) => dated(judgement, input)),
  };
}

/** Stalled or Reconciling, where either holds. */
function progress(accepted: Judgement, programmed: Judgement, judged: Judged): Judgement[] {
  if (accepted.status === "False") {
    return [{ type: "Stalled", status: "True", reason: "Stalled", message: accepted.message }];
  }
  const isPaused = judged.findings.some(({ reason }) => reason === "Paused");
  if (programmed.status === "True" || programmed.reason === "Unused" || isPaused) return [];
  return [
    { type: "Reconciling", status: "True", reason: "Reconciling", message: programmed.message },
  ];
}

function dated(judgement: Judgement, { resource, previous, now }: StatusInput): Condition {
  const before = previous?.conditions.find(({ type }) => type === judgement.type);
  const since = before?.status === judgement.status ? before.lastTransitionTime : instantText(now);
  return { ...judgement, observedGeneration: resource.generation, lastTransitionTime: since };
}

/** Seconds, as Kubernetes writes them. */
export const instantText = (ms: number): string =>
  new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

const own = new Set(["Accepted", "ResolvedRefs", "Programmed", "Ready", "Reconciling", "Stalled"]);

/**
 * The operator's part of a status that lies in the cluster, where others write conditions of their own.
 *
 * @returns undefined where there is none
 */
export function ownStatus(status: unknown): ResourceStatus | undefined {
  const found = status as Partial<ResourceStatus> | null | undefined;
  // A new resource has -1, by the CRD's default.
  if (found?.observedGeneration === undefined || found.observedGeneration < 0) return undefined;
  const conditions = Array.isArray(found.conditions) ? found.conditions : [];
  return {
    observedGeneration: found.observedGeneration,
    conditions: conditions.filter(({ type }) => own.has(type) && type in conditionTypes),
    ...(found.publishedGeneration === undefined
      ? {}
      : { publishedGeneration: found.publishedGeneration }),
    ...(found.routers === undefined ? {} : { routers: found.routers }),
    ...(found.programmed === undefined ? {} : { programmed: found.programmed }),
  };
}
