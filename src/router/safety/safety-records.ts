import type { RequestRecord, SafetyRecord } from "../../records/index.ts";
import type { SafetyObservation } from "../../telemetry/index.ts";
import type { Progress } from "../progress.ts";
import type { Judgement, Measure } from "./safety-log.ts";

const mostMatches = 100;

/** One for each verdict that found something or could not be had; the request's record tells the rest. */
export function safetyRecords(progress: Progress, record: RequestRecord): SafetyRecord[] {
  const judgements = progress.inspection?.log.judgements ?? [];
  return judgements.map((judgement) => ({
    schema_version: 1 as const,
    ts: record.ts,
    level: levelOf(judgement),
    stream: "safety" as const,
    request_id: record.request_id,
    trace_id: record.trace_id,
    namespace: record.namespace,
    class: record.class,
    tenant: record.tenant,
    key_id: record.key_id,
    route: record.route,
    backend: judgement.backend,
    filter: judgement.armed.entry.name,
    filter_type: judgement.armed.entry.type,
    owner: judgement.armed.owner,
    stage: judgement.stage,
    place: judgement.place.slice(0, 512),
    action: judgement.measure,
    failure: judgement.failure,
    matches: judgement.matches
      .slice(0, mostMatches)
      .map(({ rule, start, end }) => ({ rule: rule.slice(0, 512), start, end })),
    match_count: judgement.matches.length,
  }));
}

function levelOf({ measure, failure }: Judgement): SafetyRecord["level"] {
  if (failure !== null) return "error";
  const levels: Record<Measure, SafetyRecord["level"]> = {
    allow: "info",
    observe: "info",
    redact: "warn",
    block: "warn",
  };
  return levels[measure];
}

const mostRules = 100;

/** What the filters did, for the request's own record; null where none ran. */
export function safetySummary({ inspection }: Progress): RequestRecord["safety"] {
  if (inspection === undefined || inspection.log.tallies.length === 0) return null;
  const { measure, rules } = inspection.log;
  return { action: measure, rule_ids: rules.slice(0, mostRules) };
}

const none: readonly SafetyObservation[] = [];

/** What each filter did at each stage, for metrics and spans. */
export function safetyObservations({
  inspection,
  startedAt,
}: Progress): readonly SafetyObservation[] {
  if (inspection === undefined) return none;
  return inspection.log.tallies.map((tally) => ({
    filter: tally.armed.entry.name,
    type: tally.armed.entry.type,
    owner: tally.armed.owner,
    stage: tally.stage,
    action: tally.measure,
    failure: tally.failure,
    rules: [...tally.rules].slice(0, mostRules),
    offset: tally.startedAt - startedAt,
    duration: tally.ms,
  }));
}
