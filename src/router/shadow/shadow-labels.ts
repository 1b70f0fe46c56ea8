import type { LabelRecord, RequestRecord } from "../../records/index.ts";
import type { AnswerObservation, ScoredAnswer } from "../../telemetry/index.ts";
import type { RouterParts } from "../parts.ts";
import { classifierOf } from "../snapshot.ts";
import type { Compared } from "./comparison.ts";
import type { ShadowOrder } from "./shadow-order.ts";

/**
 * Writes what a comparison says of both answers. The two labels are of the one request, so that they stand side
 * by side in its evidence, and share what judging cost.
 *
 * @param shadowRecord of the shadow's call
 */
export function writeLabels(
  order: ShadowOrder,
  compared: Compared,
  shadowRecord: RequestRecord,
  parts: RouterParts,
): void {
  if (compared.outcome !== "labelled") return;
  const { scores } = compared;
  const judged = [
    { backend: order.servedBackend, score: scores.served, record: order.record },
    { backend: order.backend.name, score: scores.shadow, record: shadowRecord },
  ];
  const { route, tenant } = order.progress;
  const heads = headsOf(order);
  for (const { backend, score, record } of judged) {
    const judgement = { backend, score, heads, at: parts.clock.now() };
    const label = labelOf(order, compared, judgement);
    parts.records.write(label);
    parts.telemetry.labelled(label, answerOf(record));
    const roles = rolesOf(backend, order);
    parts.telemetry.answerScored({
      route: route.name,
      tenant: tenant?.name ?? null,
      roles,
      score,
    });
  }
}

const answerOf = (record: RequestRecord): AnswerObservation => ({
  span: { traceId: record.trace_id, spanId: record.span_id },
  responseId: record.aws_request_id,
});

function rolesOf(backend: string, { servedBackend, progress }: ShadowOrder): ScoredAnswer["roles"] {
  const isBaseline = backend === progress.route.baseline;
  if (backend === servedBackend) return isBaseline ? ["served", "baseline"] : ["served"];
  return isBaseline ? ["baseline"] : ["candidate"];
}

/** Of the classifier that judged the request before it was served; null where the tier alone did. */
function headsOf({ progress, record }: ShadowOrder): number[] | null {
  const classifier = classifierOf(progress.snapshot, progress.route);
  if (classifier === undefined || classifier.digest !== record.classifier_digest) return null;
  return classifier.headsOf(progress.needs);
}

interface Judgement extends Pick<LabelRecord, "score" | "heads"> {
  backend: string;
  /** Milliseconds since the epoch. */
  at: number;
}

function labelOf(
  { record }: ShadowOrder,
  { check, judge, costUsd }: Compared & { outcome: "labelled" },
  { backend, score, heads, at }: Judgement,
): LabelRecord {
  return {
    schema_version: 1,
    ts: new Date(at).toISOString(),
    level: "info",
    stream: "label",
    label_id: `shadow:${record.request_id}/${backend}`,
    request_id: record.request_id,
    prompt_id: record.request_id,
    namespace: record.namespace,
    class: record.class,
    route: record.route,
    tenant: record.tenant,
    backend,
    source: "shadow",
    check,
    judge,
    score,
    heads,
    classifier_digest: record.classifier_digest,
    cost_usd: costUsd / 2,
  };
}
