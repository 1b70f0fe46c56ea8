import { usdFromPico, type PlanFacts, type RequestRecord } from "../records/index.ts";
import type { Choice, Considered, FollowedPlan } from "../routing/index.ts";
import { roundMs } from "./attempt-record.ts";
import type { Progress } from "./progress.ts";

/** How the backend was chosen, as the record tells it. */
export type ChoiceRecord = Pick<
  RequestRecord,
  | "choice_reason"
  | "confidence"
  | "confidence_source"
  | "classifier_digest"
  | "plan_digest"
  | "plan"
  | "unfamiliar"
  | "estimates"
  | "envelope_missed"
  | "arm"
>;

export function choiceRecord({ choice }: Progress): ChoiceRecord {
  return choice === undefined ? unchosen : chosen(choice);
}

/** Of a request that ended before. */
const unchosen: ChoiceRecord = {
  choice_reason: null,
  confidence: null,
  confidence_source: null,
  classifier_digest: null,
  plan_digest: null,
  plan: null,
  unfamiliar: [],
  estimates: [],
  envelope_missed: false,
  arm: null,
};

function chosen(choice: Choice): ChoiceRecord {
  const { plan } = choice;
  return {
    choice_reason: choice.reason,
    confidence: choice.confidence,
    confidence_source: choice.confidenceSource,
    classifier_digest: choice.classifier,
    plan_digest: plan?.plan.digest ?? null,
    plan: plan === null ? null : planFacts(plan),
    unfamiliar: [...choice.unfamiliar],
    estimates: choice.considered.map(estimateOf),
    envelope_missed: choice.envelopeMissed,
    arm: choice.arm,
  };
}

function planFacts({ plan, own, rollout, kept, saved }: FollowedPlan): PlanFacts {
  const { certificate } = plan;
  return {
    tenant: own,
    lambda: plan.lambda,
    rollout,
    certified: certificate !== null,
    floor_percent: certificate?.floorPercent ?? null,
    lower_bound: certificate?.lowerBound ?? null,
    expires_at: certificate === null ? null : new Date(certificate.expiresAt).toISOString(),
    kept,
    saved,
  };
}

type Estimate = RequestRecord["estimates"][number];

function estimateOf(considered: Considered): Estimate {
  const { backend, p, estimates, expectedPicoUsd, inEnvelope, dropped } = considered;
  if (estimates === undefined) return unestimated(backend.name, dropped?.limit ?? null);
  return {
    backend: backend.name,
    p_correct: p ?? null,
    cost_usd: usdFromPico(estimates.costPicoUsd),
    expected_cost_usd: expectedPicoUsd === undefined ? null : usdFromPico(expectedPicoUsd),
    ttft_p95_ms: roundMs(estimates.firstTokenP95Ms),
    total_p95_ms: roundMs(estimates.totalP95Ms),
    in_envelope: inEnvelope ?? false,
    dropped: dropped?.limit ?? null,
  };
}

function unestimated(backend: string, dropped: string | null): Estimate {
  return {
    backend,
    p_correct: null,
    cost_usd: null,
    expected_cost_usd: null,
    ttft_p95_ms: null,
    total_p95_ms: null,
    in_envelope: false,
    dropped,
  };
}
