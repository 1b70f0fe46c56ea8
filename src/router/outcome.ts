import type { RequestRecord } from "../records/index.ts";
import { isObserved, wouldDivert } from "../routing/index.ts";
import type { Refusal } from "../tenancy/index.ts";
import type { Attempt } from "./attempt.ts";
import { answeringModel, attemptRecord, awsRequestId, roundMs } from "./attempt-record.ts";
import type { AttemptAccount } from "./attempt-account.ts";
import { billOf } from "./bill.ts";
import { choiceRecord } from "./choice-record.ts";
import { ledgerOf } from "./ledger.ts";
import { limitsRecord } from "./limits-record.ts";
import type { RouterParts } from "./parts.ts";
import { servingAttempt, type Progress, type Sent } from "./progress.ts";
import { fallbackReason } from "./response-headers.ts";
import { safetySummary } from "./safety/safety-records.ts";
import { watchedBlocks } from "./safety/watched-blocks.ts";

/** A request that has ended, with all its attempts: telemetry and the record are made from it alone. */
export interface Outcome {
  progress: Progress;
  sent: Sent;
  /** By the clock's `elapsed()`. */
  endedAt: number;
  clientGone: boolean;
}

const longestName = 512;

type Group = { namespace: string; routerClass: string };

/** The record of an outcome; `trace_id` and `span_id` are filled in by telemetry. */
export function recordOf(outcome: Outcome, group: Group, parts: RouterParts): RequestRecord {
  const { progress, sent, clientGone } = outcome;
  const attempts = progress.attempts ?? [];
  const ledger = ledgerOf(progress);
  const caller = callerOf(progress);
  const asked = askedOf(progress);
  const served = servedBy(servingAttempt(progress), parts);
  const times = timesOf(outcome, attempts);
  const bill = billOf(progress, ledger, parts);
  const chosen = choiceRecord(progress);
  // Member by member: what is spread into the middle of an object costs several times as much.
  return {
    schema_version: 1,
    ts: new Date(progress.receivedAt).toISOString(),
    level: levelOf(outcome),
    stream: "request",
    request_id: progress.requestId,
    trace_id: "",
    span_id: "",
    namespace: group.namespace,
    class: group.routerClass,
    tenant: caller.tenant,
    key_id: caller.key_id,
    subject_type: caller.subject_type,
    route: caller.route,
    table_digest: caller.table_digest,
    operation: asked.operation,
    request_model: asked.request_model,
    streaming: asked.streaming,
    response_model: served.response_model,
    provider: served.provider,
    region: served.region,
    finish_reason: served.finish_reason,
    aws_request_id: served.aws_request_id,
    attempts: attempts.map((attempt, index) =>
      attemptRecord(attempt, ledger.attempts[index] ?? unused, progress.startedAt),
    ),
    fallback_reason: fallbackReason(attempts),
    would_refuse: [...(progress.wouldRefuse ?? []), ...watchedBlocks(progress)],
    would_divert: divertedBy(progress),
    denied: progress.denied ?? null,
    status: sent.status,
    error_type: clientGone ? "client_closed_request" : sent.errorCode,
    latency_ms: times.latency_ms,
    ttft_ms: times.ttft_ms,
    overhead_ms: times.overhead_ms,
    upstream_latency_ms: times.upstream_latency_ms,
    tokens: bill.tokens,
    token_source: bill.token_source,
    cost_usd: bill.cost_usd,
    ledger: bill.ledger,
    baseline_cost_usd: bill.baseline_cost_usd,
    choice_reason: chosen.choice_reason,
    confidence: chosen.confidence,
    confidence_source: chosen.confidence_source,
    unfamiliar: chosen.unfamiliar,
    estimates: chosen.estimates,
    envelope_missed: chosen.envelope_missed,
    plan_digest: chosen.plan_digest,
    plan: chosen.plan,
    classifier_digest: chosen.classifier_digest,
    arm: chosen.arm,
    prompt_id: null,
    limits: limitsRecord(progress.limits),
    safety: safetySummary(progress),
    bytes_in: progress.bytesIn,
    bytes_out: sent.bytesOut,
    client_aborted: clientGone,
  };
}

const unused: AttemptAccount = { usage: null, source: "none", basis: "none", costPicoUsd: 0 };

type Caller = Pick<RequestRecord, "tenant" | "key_id" | "subject_type" | "route" | "table_digest">;

function callerOf({ tenant, keyId, subjectType, refused, route, snapshot }: Progress): Caller {
  return {
    ...(refused === undefined
      ? {
          tenant: tenant?.name ?? null,
          key_id: keyId ?? null,
          subject_type: subjectType ?? null,
        }
      : knownOf(refused)),
    route: route?.name ?? null,
    table_digest: snapshot?.digest ?? null,
  };
}

/** A caller who was refused may be known all the same: by a key that has expired, say. */
function knownOf({
  tenant,
  keyId,
  subjectType,
}: Refusal): Pick<Caller, "tenant" | "key_id" | "subject_type"> {
  return {
    tenant: tenant ?? null,
    key_id: keyId ?? null,
    subject_type: subjectType ?? null,
  };
}

function divertedBy({ attempts = [], choice, route, tenant = null }: Progress): string[] {
  if (choice === undefined || route === undefined || !isObserved(tenant)) return [];
  const called = attempts.map(({ backend }) => backend.name);
  return wouldDivert(called, choice, route, tenant);
}

function askedOf({
  asked,
}: Progress): Pick<RequestRecord, "operation" | "request_model" | "streaming"> {
  return {
    operation: asked?.operation ?? null,
    request_model: cut(asked?.request.model ?? null),
    streaming: asked?.streaming ?? false,
  };
}

type Served = Pick<
  RequestRecord,
  "response_model" | "provider" | "region" | "finish_reason" | "aws_request_id"
>;

function servedBy(last: Attempt | undefined, parts: RouterParts): Served {
  if (last === undefined) {
    return {
      response_model: null,
      provider: null,
      region: null,
      finish_reason: null,
      aws_request_id: null,
    };
  }
  const { target } = last.backend;
  return {
    response_model: cut(answeringModel(last)),
    provider: parts.providers[target.type].name,
    region: target.region,
    finish_reason: last.finishReason,
    aws_request_id: cut(awsRequestId(last)),
  };
}

/** What others have named may be of any length; the record's texts are not. */
function cut(name: string | null): string | null {
  return name !== null && name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
}

function levelOf({ sent, clientGone }: Outcome): RequestRecord["level"] {
  if (sent.status >= 500 || (sent.status === 200 && sent.errorCode !== null)) return "error";
  return sent.status >= 400 || clientGone ? "warn" : "info";
}

type Times = Pick<RequestRecord, "latency_ms" | "ttft_ms" | "overhead_ms" | "upstream_latency_ms">;

function timesOf({ progress, sent, endedAt }: Outcome, attempts: readonly Attempt[]): Times {
  const latency = endedAt - progress.startedAt;
  const upstream = upstreamMs(attempts);
  return {
    latency_ms: roundMs(latency),
    ttft_ms:
      sent.firstContentAt === null ? null : roundMs(sent.firstContentAt - progress.startedAt),
    overhead_ms: roundMs(Math.max(0, latency - upstream)),
    upstream_latency_ms: roundMs(upstream),
  };
}

/** The time in which an attempt was under way. A hedge runs beside the first: that time counts once. */
function upstreamMs(attempts: readonly Attempt[]): number {
  let sum = 0;
  let until = 0;
  for (const { startedAt, endedAt } of attempts) {
    const end = endedAt ?? startedAt;
    sum += Math.max(0, end - Math.max(startedAt, until));
    until = Math.max(until, end);
  }
  return sum;
}
