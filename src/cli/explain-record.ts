import type { CandidateEstimate, RequestRecord } from "../records/index.ts";
import {
  choiceReasons,
  type ChoiceReason,
  type ExplainedCandidate,
  type ExplainedPlan,
  type Explanation,
} from "../routing/index.ts";

/**
 * The choice that a record tells of. What a table holds and a record does not is null: handicaps, the
 * envelope, and the order of the chain but for its first, of whom a record knows only by the attempts.
 */
export function explainRecord(record: RequestRecord): Explanation {
  const reason = reasonOf(record.choice_reason);
  const chosen = record.attempts.find(({ kind }) => kind === "first")?.backend ?? null;
  return {
    route: record.route ?? "-",
    tenant: record.tenant,
    chosen,
    reason,
    because: reason === null ? endOf(record) : choiceReasons[reason],
    confidence: record.confidence,
    confidenceSource: record.confidence_source,
    classifier: record.classifier_digest,
    unfamiliar: record.unfamiliar,
    floorPercent: record.plan?.floor_percent ?? null,
    assurance: null,
    baseline: null,
    envelope: null,
    envelopeMissed: record.envelope_missed,
    arm: record.arm,
    plan: planOf(record),
    planRefusal: null,
    candidates: record.estimates.map((each) => candidateOf(each, record, chosen)),
  };
}

/** A later release may know more of them. */
function reasonOf(text: string | null): ChoiceReason | null {
  return text !== null && Object.hasOwn(choiceReasons, text) ? (text as ChoiceReason) : null;
}

function endOf({ choice_reason: reason, error_type: error, status }: RequestRecord): string {
  if (reason !== null) return reason;
  return `it ended before a backend was chosen, with ${error ?? `status ${status}`}`;
}

function planOf({ plan, plan_digest: digest }: RequestRecord): ExplainedPlan | null {
  if (plan === null) return null;
  const { floor_percent: floorPercent, lower_bound: lowerBound, expires_at: expiresAt } = plan;
  const isWhole = floorPercent !== null && lowerBound !== null && expiresAt !== null;
  return {
    digest: digest ?? "-",
    whose: plan.tenant ? "tenant" : "pooled",
    rollout: plan.rollout,
    lambda: plan.lambda,
    certificate: isWhole
      ? { floorPercent, lowerBound, expiresAt, confidence: null, labels: null }
      : null,
    kept: plan.kept,
    saved: plan.saved,
  };
}

function candidateOf(
  estimate: CandidateEstimate,
  { plan }: RequestRecord,
  chosen: string | null,
): ExplainedCandidate {
  const { backend, p_correct: correct, expected_cost_usd: expectedUsd, dropped } = estimate;
  const known = plan !== null && correct !== null && expectedUsd !== null;
  return {
    backend,
    place: backend === chosen ? 1 : null,
    correct,
    expectedUsd,
    longUsd: estimate.cost_usd,
    firstTokenP95Ms: estimate.ttft_p95_ms,
    totalP95Ms: estimate.total_p95_ms,
    inEnvelope: correct === null ? null : estimate.in_envelope,
    handicap: null,
    value: known ? correct - plan.lambda * expectedUsd : null,
    dropped: dropped === null ? null : { limit: dropped, message: null },
  };
}
