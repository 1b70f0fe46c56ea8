import type { EvidenceLabel, EvidenceRow, EvidenceTally } from "./evidence.ts";
import type { LabelRecord } from "./label-record.ts";
import type { RequestRecord, TokenCounts } from "./request-record.ts";

/** What a join needs of a label: little, since all of a range may be held at once. */
export type JoinedLabel = Pick<
  LabelRecord,
  "label_id" | "prompt_id" | "tenant" | "route" | "backend" | "source" | "score"
>;

export const thin = (label: LabelRecord): JoinedLabel => ({
  label_id: label.label_id,
  prompt_id: label.prompt_id,
  tenant: label.tenant,
  route: label.route,
  backend: label.backend,
  source: label.source,
  score: label.score,
});

/** A request that no label has been joined to; null where it found no route. */
export function rowOf(record: RequestRecord): EvidenceRow | null {
  if (record.route === null) return null;
  return {
    requestId: record.request_id,
    promptId: record.prompt_id ?? record.request_id,
    route: record.route,
    tenant: record.tenant,
    ts: Date.parse(record.ts),
    arm: record.arm,
    options: record.estimates.filter(isOption).map((estimate) => ({
      backend: estimate.backend,
      p: estimate.p_correct,
      expectedCostUsd: estimate.expected_cost_usd,
      inEnvelope: estimate.in_envelope,
    })),
    chosen: record.ledger.find(({ kind }) => kind === "answer")?.backend ?? null,
    costUsd: record.cost_usd,
    baselineCostUsd: record.baseline_cost_usd,
    tokens: record.tokens === null ? null : tokensOf(record.tokens),
    firstTokenMs: record.ttft_ms,
    latencyMs: record.latency_ms,
    failed: record.status >= 500,
    classifierDigest: record.classifier_digest,
    isFamiliar: record.unfamiliar.length === 0,
    planDigest: record.plan_digest,
    labels: [],
  };
}

const tokensOf = (counts: TokenCounts): number =>
  counts.in + counts.out + counts.cache_read + counts.cache_write;

/** Away it was for the moment: a plan may well choose it. */
const isOption = ({ dropped }: RequestRecord["estimates"][number]): boolean =>
  dropped === null || absences.has(dropped);

const absences: ReadonlySet<string> = new Set(["ejected", "full", "share"]);

/** The row with those of the labels that are of it; the others are counted and left out. */
export function withLabels(
  row: EvidenceRow,
  labels: readonly JoinedLabel[],
  tally: EvidenceTally,
): EvidenceRow {
  const own = labels
    .toSorted((left, right) => (left.label_id < right.label_id ? -1 : 1))
    .flatMap((label) => {
      const judged = judgementOf(label, row);
      return judged === null ? [] : [{ label, judged }];
    });
  tally.foreignLabels += labels.length - own.length;
  const [first] = own;
  if (first === undefined) return row;
  return {
    ...row,
    promptId: first.label.prompt_id,
    labels: own.map(({ judged }) => judged),
  };
}

/** Null where it is none of this request: who guesses the id of another tenant's must not judge for it. */
function judgementOf(label: JoinedLabel, row: EvidenceRow): EvidenceLabel | null {
  const isOwn = label.tenant === row.tenant && (label.route === null || label.route === row.route);
  const backend = label.backend ?? row.chosen;
  return isOwn && backend !== null ? { backend, score: label.score, source: label.source } : null;
}
