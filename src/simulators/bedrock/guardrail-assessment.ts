import type { Finding } from "./guardrail-policies.ts";

/** A text unit is up to so many characters. */
const unit = 1_000;

export interface GuardrailUsage {
  topicPolicyUnits: number;
  contentPolicyUnits: number;
  wordPolicyUnits: number;
  sensitiveInformationPolicyUnits: number;
  sensitiveInformationPolicyFreeUnits: number;
  contextualGroundingPolicyUnits: number;
}

export const textUnits = (characters: number): number => Math.ceil(characters / unit);

/** @param grounding characters that were compared with their source; 0 where there was none */
export function guardrailUsage(characters: number, grounding = 0): GuardrailUsage {
  const units = textUnits(characters);
  return {
    topicPolicyUnits: units,
    contentPolicyUnits: units,
    wordPolicyUnits: units,
    sensitiveInformationPolicyUnits: units,
    sensitiveInformationPolicyFreeUnits: units,
    contextualGroundingPolicyUnits: textUnits(grounding),
  };
}

// AWS lists both lists of a policy as soon as one of them has something.
const emptyLists: Partial<Record<Finding["policy"], Record<string, []>>> = {
  wordPolicy: { customWords: [], managedWordLists: [] },
  sensitiveInformationPolicy: { piiEntities: [], regexes: [] },
};

/** An assessment as AWS gives it: policies that found nothing are left out. */
export function assessmentOf(
  findings: readonly Finding[],
  { characters, usage }: { characters: number; usage: GuardrailUsage },
): Record<string, unknown> {
  const policies: Partial<Record<Finding["policy"], Record<string, unknown[]>>> = {};
  for (const { policy, list, told } of findings) {
    const lists = (policies[policy] ??= { ...emptyLists[policy] });
    lists[list] = [...(lists[list] ?? []), told];
  }
  return {
    ...policies,
    invocationMetrics: {
      guardrailProcessingLatency: 90 + 10 * textUnits(characters),
      usage,
      guardrailCoverage: { textCharacters: { guarded: characters, total: characters } },
    },
  };
}
