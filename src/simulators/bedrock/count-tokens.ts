import { jsonBody, jsonHeaders, type AnswerPlan } from "../answer-plan.ts";
import { validationError } from "../aws-error.ts";
import type { HandledCall } from "../handled-call.ts";
import { countTokens } from "../mind/tokens.ts";
import { parseJson, readConverse } from "./converse.ts";
import { inputPieces } from "./converse-prompt.ts";
import { converseRequest, countTokensRequest } from "./converse-shapes.ts";
import { validateShape } from "./validate-shape.ts";

// Counting takes no model time worth simulating; this is the way there and back.
const roundTripMs = 12;

/**
 * CountTokens: the number that Converse would give as its input tokens.
 *
 * @throws AwsError where Bedrock would refuse
 */
export function countTokensOperation(call: HandledCall): AnswerPlan {
  const body = parseJson(call.body);
  validateShape(countTokensRequest, body);
  const { input } = body as { input: { converse?: object; invokeModel?: { body: string } } };
  const inputTokens =
    input.converse === undefined
      ? countBody(input.invokeModel?.body ?? "")
      : countConverse(input.converse, call);
  call.record.inputTokens = inputTokens;
  return {
    type: "whole",
    headers: jsonHeaders,
    body: jsonBody({ inputTokens }),
    atMs: roundTripMs,
    tokens: 0,
  };
}

function countConverse(converse: object, call: HandledCall): number {
  const request = readConverse(jsonBody(converse), call.model, converseRequest, call.seed);
  return inputPieces(request).reduce((sum, piece) => sum + piece.tokens, 0);
}

function countBody(base64: string): number {
  const body = parseJson(Buffer.from(base64, "base64")) as { inputText?: unknown } | null;
  if (typeof body?.inputText !== "string")
    throw validationError("The provided model doesn't support counting tokens of this body.");
  return countTokens(body.inputText);
}
