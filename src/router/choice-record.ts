import { usdFromPico, type RequestRecord } from "../records/index.ts";
import type { Choice, Considered } from "../routing/index.ts";
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
  return {
    choice_reason: choice.reason,
    confidence: choice.confidence,
    confidence_source: choice.confidenceSource,
    classifier_digest: null,
    plan_digest: null,
    plan: null,
    unfamiliar: [],
    estimates: choice.considered.map(estimateOf),
    envelope_missed: choice.envelopeMissed,
    arm: null,
  };
}

function estimateOf({
  backend,
  p,
  estimates,
  inEnvelope,
  dropped,
}: Considered): RequestRecord["estimates"][number] {
  return {
    backend: backend.name,
    p_correct: p ?? null,
    cost_usd: estimates === undefined ? null : usdFromPico(estimates.costPicoUsd),
    expected_cost_usd: null,
    ttft_p95_ms: estimates === undefined ? null : roundMs(estimates.firstTokenP95Ms),
    total_p95_ms: estimates === undefined ? null : roundMs(estimates.totalP95Ms),
    in_envelope: inEnvelope ?? false,
    dropped: dropped?.limit ?? null,
  };
}
