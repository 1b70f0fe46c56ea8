import type {
  GuardrailAssessment,
  GuardrailTraceAssessment,
} from "@aws-sdk/client-bedrock-runtime";
import { unitsOf } from "./guardrail-verdict.ts";

/** The text units that a call's own guardrail counted; undefined where its trace tells of none. */
export function traceUnits(trace: GuardrailTraceAssessment | undefined): number | undefined {
  if (typeof trace !== "object" || trace === null) return undefined;
  const { inputAssessment, outputAssessments } = trace;
  const assessments = [inputAssessment, outputAssessments].flatMap((each) =>
    Object.values(each ?? {}).flat(),
  );
  const usages = assessments.flatMap((each: GuardrailAssessment | undefined) => {
    const usage = each?.invocationMetrics?.usage;
    return typeof usage === "object" && usage !== null ? [usage] : [];
  });
  return usages.length === 0 ? undefined : usages.reduce((sum, usage) => sum + unitsOf(usage), 0);
}
