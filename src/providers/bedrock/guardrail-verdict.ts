import type {
  ApplyGuardrailResponse,
  GuardrailAssessment,
  GuardrailUsage,
} from "@aws-sdk/client-bedrock-runtime";
import { countOf } from "../count-of.ts";
import { placesOf, type Mask, type Placed } from "./guardrail-places.ts";
import { malformed, readTold, toldText } from "./told.ts";

/** What a guardrail made of a text. */
export interface GuardrailVerdict {
  /**
   * What it intervened for, such as `bedrock-guardrail/topic/investments`, and where, in UTF-16 units. What
   * it masks has its place; of anything else a guardrail tells none, and it stands for the whole text.
   * Names are those of the guardrail's own policies, never of the text.
   */
  found: readonly Placed[];
  /** Whether something of it may not pass, even masked. */
  blocked: boolean;
  /** Text units that were counted, of policies that are paid for. */
  units: number;
}

interface Finding {
  rule: string;
  action: string | undefined;
  /** What it found, and what stands for it in the masked text. */
  mask?: Mask;
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
        return { found: [], blocked: false, units };
      case "GUARDRAIL_INTERVENED":
        return { ...intervention(response, text), units };
      default:
        throw malformed();
    }
  });
}

function intervention(
  { assessments, outputs }: ApplyGuardrailResponse,
  text: string,
): Omit<GuardrailVerdict, "units"> {
  const found = (assessments ?? []).flatMap(findingsOf).filter(hasActed);
  const masked = (outputs ?? []).map((output) => toldText(output.text)).join("");
  const masks = found.flatMap(({ action, mask }) =>
    action === "ANONYMIZED" && mask !== undefined ? [mask] : [],
  );
  // What it intervened for and does not say is not known to have been masked.
  const onlyMasked = found.length > 0 && masks.length === found.length;
  const placed = onlyMasked ? placesOf(masks, text, masked) : undefined;
  const rules = found.length > 0 ? found.map(({ rule }) => rule) : ["bedrock-guardrail/unnamed"];
  const anywhere = [...new Set(rules)].map((rule) => ({ rule, start: 0, end: text.length }));
  return { found: placed ?? anywhere, blocked: !onlyMasked };
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
  match?: string | undefined;
  action?: string | undefined;
}

const findings = (policy: string, found: readonly Found[] | undefined): Finding[] =>
  (found ?? []).map(({ name, type, match, action }) => {
    const called = name ?? type ?? "unnamed";
    const rule = `bedrock-guardrail/${policy}/${plainName(called)}`;
    const mask = match === undefined ? {} : { mask: { rule, match, by: `{${called}}` } };
    return { rule, action, ...mask };
  });

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

/**
 * Every policy counts the same text, so that the most that one of them counted is the text's. Words are
 * looked for without charge, and so are users' patterns.
 */
export const unitsOf = (usage: Partial<GuardrailUsage> | undefined): number =>
  Math.max(...paid.map((policy) => countOf(usage?.[policy]) ?? 0));
