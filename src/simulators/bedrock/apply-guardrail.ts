import { jsonBody, jsonHeaders, type AnswerPlan } from "../answer-plan.ts";
import { AwsError, validationError } from "../aws-error.ts";
import type { OpenedCall } from "../handled-call.ts";
import { parseJson } from "./converse.ts";
import {
  assessmentOf,
  guardrailUsage,
  textUnits,
  type GuardrailUsage,
} from "./guardrail-assessment.ts";
import {
  blockedText,
  findingsIn,
  isBlocked,
  isKnownGuardrail,
  maskedText,
  type Finding,
  type GuardrailSource,
} from "./guardrail-policies.ts";
import { applyGuardrailPath, applyGuardrailRequest } from "./guardrail-shapes.ts";
import { groundingOf } from "./grounding.ts";
import { validateShape } from "./validate-shape.ts";

type Qualifier = "grounding_source" | "query" | "guard_content";

interface TextBlock {
  text: string;
  qualifiers?: Qualifier[];
}

interface ApplyGuardrailRequest {
  source: GuardrailSource;
  content: { text?: TextBlock; image?: object }[];
  outputScope?: "INTERVENTIONS" | "FULL";
}

const mostUnits = 25;

/**
 * ApplyGuardrail.
 *
 * @throws AwsError where Bedrock would refuse
 */
export function applyGuardrail({ names, body, record }: OpenedCall): AnswerPlan {
  const { source, content } = readRequest(names, body);
  const blocks = content.flatMap(({ text }) => text ?? []);
  const guarded = blocks.filter(isGuarded);
  const characters = guarded.reduce((sum, { text }) => sum + text.length, 0);
  const units = textUnits(characters);
  if (units > mostUnits) throw tooManyUnits(units);
  record.inputTokens = units;
  const findings = guarded.flatMap(({ text }) => findingsIn(text, source));
  const grounding = source === "OUTPUT" ? groundingIn(blocks, guarded) : undefined;
  const usage = guardrailUsage(characters, grounding?.characters);
  const policy = grounding === undefined ? {} : { contextualGroundingPolicy: grounding.policy };
  const assessment = { ...assessmentOf(findings, { characters, usage }), ...policy };
  return planOf({
    usage,
    ...verdictOn(guarded, findings, grounding?.blocked === true),
    assessments: [assessment],
    guardrailCoverage: { textCharacters: { guarded: characters, total: characters } },
  });
}

function verdictOn(
  guarded: readonly TextBlock[],
  findings: readonly Finding[],
  ungrounded: boolean,
): Record<string, unknown> {
  if (ungrounded || isBlocked(findings)) {
    const outputs = [{ text: blockedText }];
    return { action: "GUARDRAIL_INTERVENED", actionReason: "Guardrail blocked.", outputs };
  }
  if (findings.length === 0) return { action: "NONE", actionReason: "No action.", outputs: [] };
  const outputs = guarded.map(({ text }) => ({ text: maskedText(text, findings) }));
  return { action: "GUARDRAIL_INTERVENED", actionReason: "Guardrail masked.", outputs };
}

function readRequest(names: OpenedCall["names"], body: Buffer): ApplyGuardrailRequest {
  const [guardrailIdentifier, guardrailVersion] = names;
  validateShape(applyGuardrailPath, { guardrailIdentifier, guardrailVersion });
  const request = parseJson(body) as ApplyGuardrailRequest;
  validateShape(applyGuardrailRequest, request);
  if (!isKnownGuardrail(guardrailIdentifier)) {
    throw new AwsError(
      "ResourceNotFoundException",
      404,
      "The guardrail identifier or version provided in the request does not exist. Verify your guardrail identifier and version and retry your request.",
    );
  }
  if (request.content.length === 0)
    throw validationError("The content field in the request must not be empty.");
  if (request.content.some(({ text }) => text?.text === ""))
    throw validationError("The text field in the content of the request must not be blank.");
  return request;
}

const has = (block: TextBlock, qualifier: Qualifier): boolean =>
  block.qualifiers?.includes(qualifier) ?? false;

/** A source or a question is what others are held against, unless it says otherwise. */
const isGuarded = (block: TextBlock): boolean =>
  has(block, "guard_content") || (!has(block, "grounding_source") && !has(block, "query"));

const groundingIn = (blocks: readonly TextBlock[], guarded: readonly TextBlock[]) =>
  groundingOf(guarded, {
    sources: blocks.filter((block) => has(block, "grounding_source")),
    queries: blocks.filter((block) => has(block, "query")),
  });

// AWS refuses what is too much for one call as it refuses what is too much in a second.
const tooManyUnits = (units: number): AwsError =>
  new AwsError(
    "ThrottlingException",
    429,
    `Input of ${units} text units exceeds the maximum of ${mostUnits} text units.`,
  );

function planOf(answer: { usage: GuardrailUsage } & Record<string, unknown>): AnswerPlan {
  return {
    type: "whole",
    headers: jsonHeaders,
    body: jsonBody(answer),
    atMs: 90 + 10 * answer.usage.contentPolicyUnits,
    tokens: 0,
  };
}
