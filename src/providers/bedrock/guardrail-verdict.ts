import type {
  ApplyGuardrailResponse,
  GuardrailAssessment,
  GuardrailUsage,
} from "@aws-sdk/client-bedrock-runtime";
import { countOf } from "../count-of.ts";
import { malformed, readTold, toldText } from "./told.ts";

/** What a guardrail made of a text. */
export interface GuardrailVerdict {
  /**
   * What it intervened for, each once, such as `bedrock-guardrail/topic/investments` or
   * `bedrock-guardrail/pii/email`. Names are those of the guardrail's own policies, never of the text.
   */
  rules: readonly string[];
  /** Whether something of it may not pass, even masked. */
  blocked: boolean;
  /** The text as it may pass, masked where the guardrail masks; of a blocked one, what stands for it. */
  text: string;
  /** Text units that were counted, of every policy that is paid for. */
  units: number;
}

interface Finding {
  rule: string;
  action: string | undefined;
}

/**
 * @param text what the guardrail was asked about
 * @throws ProviderError malformed_reply where the answer tells no verdict
 */
export function readVerdict(response: ApplyGuardrailResponse, text: string): GuardrailVerdict {
  return readTold(() => {
    const units = unitsOf(response.usage);
    switch (response.action) {
      case "NONE":
        return { rules: [], blocked: false, text, units };
      case "GUARDRAIL_INTERVENED":
        return { ...intervention(response), units };
      default:
        throw malformed();
    }
  });
}

function intervention({
  assessments,
  outputs,
}: ApplyGuardrailResponse): Omit<GuardrailVerdict, "units"> {
  const found = (assessments ?? []).flatMap(findingsOf).filter(hasActed);
  const texts = (outputs ?? []).map((output) => toldText(output.text));
  // What it intervened for and does not say is not known to have been masked.
  const masked = found.length > 0 && found.every(({ action }) => action === "ANONYMIZED");
  const rules = [...new Set(found.map(({ rule }) => rule))];
  return {
    rules: rules.length > 0 ? rules : ["bedrock-guardrail/unnamed"],
    blocked: !masked || texts.length === 0,
    text: texts.join(""),
  };
}

const hasActed = ({ action }: Finding): boolean => action !== undefined && action !== "NONE";

/** Each policy's findings; of words only the kind is told, since the word is a piece of the text. */
const readings: readonly ((assessment: GuardrailAssessment) => Finding[])[] = [
  ({ topicPolicy }) => findings("topic", topicPolicy?.topics),
  ({ contentPolicy }) => findings("content", contentPolicy?.filters),
  ({ wordPolicy }) =>
    findings(
      "word",
      wordPolicy?.customWords?.map(({ action }) => ({ type: "custom", action })),
    ),
  ({ wordPolicy }) => findings("word", wordPolicy?.managedWordLists),
  ({ sensitiveInformationPolicy }) => findings("pii", sensitiveInformationPolicy?.piiEntities),
  ({ sensitiveInformationPolicy }) => findings("regex", sensitiveInformationPolicy?.regexes),
  ({ contextualGroundingPolicy }) => findings("grounding", contextualGroundingPolicy?.filters),
];

const findingsOf = (assessment: GuardrailAssessment): Finding[] =>
  readings.flatMap((read) => read(assessment));

interface Found {
  name?: string | undefined;
  type?: string | undefined;
  action?: string | undefined;
}

const findings = (policy: string, found: readonly Found[] | undefined): Finding[] =>
  (found ?? []).map(({ name, type, action }) => ({
    rule: `bedrock-guardrail/${policy}/${plainName(name ?? type ?? "unnamed")}`,
    action,
  }));

const plainName = (name: string): string =>
  name
    .slice(0, 64)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "");

const paid = [
  "topicPolicyUnits",
  "contentPolicyUnits",
  "sensitiveInformationPolicyUnits",
  "contextualGroundingPolicyUnits",
  "contentPolicyImageUnits",
  "automatedReasoningPolicyUnits",
] as const satisfies readonly (keyof GuardrailUsage)[];

/** Words are looked for without charge, and so are users' patterns. */
export const unitsOf = (usage: Partial<GuardrailUsage> | undefined): number =>
  paid.reduce((sum, policy) => sum + (countOf(usage?.[policy]) ?? 0), 0);
