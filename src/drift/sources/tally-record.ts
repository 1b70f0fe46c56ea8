import type { AttemptRecord, RequestRecord } from "../../records/index.ts";
import type { DistributionSignal, MixFact } from "../series.ts";
import type { MixSum } from "./arithmetic.ts";
import { slotOf } from "./slots.ts";
import type { Spot, Tally } from "./tally.ts";
import {
  cancellations,
  none,
  promptBand,
  refusals,
  timeErrors,
  unservedArms,
  unservedKinds,
} from "./what-counts.ts";

const isOneOf = (names: readonly string[], name: string | null): boolean =>
  name !== null && names.includes(name);

/** Counts a request, all of its attempts; one that served nobody, or found no route, not at all. */
export function tallyRecord(tally: Tally, record: RequestRecord, window: number): void {
  const { route, tenant, arm } = record;
  if (route === null || isOneOf(unservedArms, arm)) return;
  const spotOf = ({ backend }: AttemptRecord): Spot => ({
    key: { route, backend, tenant },
    window,
  });
  for (const attempt of record.attempts) {
    if (isOneOf(unservedKinds, attempt.kind)) continue;
    const spot = spotOf(attempt);
    const values = valuesOf(attempt);
    for (const [signal, value] of values)
      tally.addSamples(spot, signal, { slot: slotOf(signal, value), count: 1, sum: value });
    countEnds(tally, spot, attempt, record);
    if (attempt.error_type === null) countMixes(tally, spot, values, record);
  }
  const [first] = record.attempts;
  if (first !== undefined) countChoice(tally, spotOf(first), record);
}

type Values = [DistributionSignal, number][];

function valuesOf(attempt: AttemptRecord): Values {
  const { ms, ttft_ms: firstToken, frames, tokens, cost_usd: cost, error_type: error } = attempt;
  const values: Values = [];
  if (error === null || isOneOf(timeErrors, error)) values.push(["latency", ms / 1_000]);
  if (firstToken !== null && frames > 0) values.push(["first_token", firstToken / 1_000]);
  if (tokens !== null) {
    values.push(["input_tokens", tokens.in + tokens.cache_read + tokens.cache_write]);
    values.push(["output_tokens", tokens.out]);
  }
  if (error === null && cost !== null) values.push(["cost", cost]);
  return values;
}

function countEnds(
  tally: Tally,
  spot: Spot,
  { error_type: error }: AttemptRecord,
  { finish_reason: reason }: RequestRecord,
): void {
  if (isOneOf(cancellations, error)) return;
  tally.addCategory(spot, "error", error ?? none, 1);
  if (error === "content_refused") tally.addCategory(spot, "refusal", refusals.refused, 1);
  if (error !== null) return;
  const refused = reason === "content_filter" ? refusals.refused : refusals.answered;
  tally.addCategory(spot, "refusal", refused, 1);
  if (reason !== null) tally.addCategory(spot, "finish_reason", reason, 1);
}

function countMixes(
  tally: Tally,
  spot: Spot,
  values: Values,
  { response_model: model, region, tenant }: RequestRecord,
): void {
  const input = values.find(([signal]) => signal === "input_tokens")?.[1];
  const facts: [MixFact, string | null][] = [
    ["model", model],
    ["region", region],
    ["tenant", tenant],
    ["prompt_length", input === undefined ? null : promptBand(input)],
  ];
  const sums: MixSum["sums"] = Object.fromEntries(
    values.map(([signal, sum]) => [signal, { count: 1, sum }]),
  );
  for (const [fact, category] of facts)
    if (category !== null) tally.addMix(spot, fact, category, { count: 1, sums });
}

/** What was decided before the first attempt, or because of it: it is told of the backend that stood first. */
function countChoice(
  tally: Tally,
  spot: Spot,
  { fallback_reason: reason, confidence, confidence_source: source }: RequestRecord,
): void {
  tally.addCategory(spot, "fallback", reason ?? none, 1);
  if (confidence === null || source === "tier") return;
  tally.addSamples(spot, "confidence", {
    slot: slotOf("confidence", confidence),
    count: 1,
    sum: confidence,
  });
}
