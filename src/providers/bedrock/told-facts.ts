import type {
  ConverseResponse,
  ConverseStreamMetadataEvent,
} from "@aws-sdk/client-bedrock-runtime";
import type { CallFacts } from "../contract.ts";
import { countOf } from "../count-of.ts";
import { traceUnits } from "./guardrail-trace.ts";

/** What Bedrock tells of a call besides its answer, where it is what it ought to be. */
export function toldFacts({
  metrics,
  trace,
}: Pick<ConverseResponse | ConverseStreamMetadataEvent, "metrics" | "trace">): CallFacts {
  const latencyMs = countOf(metrics?.latencyMs);
  const model: unknown = trace?.promptRouter?.invokedModelId;
  const guardrailUnits = traceUnits(trace?.guardrail);
  const facts: CallFacts = {};
  if (latencyMs !== undefined) facts.latencyMs = latencyMs;
  if (typeof model === "string") facts.model = model;
  if (guardrailUnits !== undefined) facts.guardrailUnits = guardrailUnits;
  return facts;
}
