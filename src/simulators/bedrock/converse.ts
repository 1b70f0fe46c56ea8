import { eventStreamHeaders, jsonBody, jsonHeaders, type AnswerPlan } from "../answer-plan.ts";
import { serializationError, validationError } from "../aws-error.ts";
import type { SimulatedModel } from "../catalogue.ts";
import type { HandledCall } from "../handled-call.ts";
import { answerPrompt } from "../mind/answer.ts";
import type { Answer, AnswerBlock } from "../mind/prompt.ts";
import type { ConverseAnswer } from "./converse-answer.ts";
import { conversationRules, firstOf } from "./conversation-rules.ts";
import { inputPieces, promptOf, type InputPiece } from "./converse-prompt.ts";
import type { ConverseRequest } from "./converse-request.ts";
import { converseRequest, converseStreamRequest } from "./converse-shapes.ts";
import { streamFrames } from "./converse-stream.ts";
import { callGuardrail } from "./guardrail.ts";
import { applyModelRules } from "./model-rules.ts";
import type { CacheUse, PromptCache } from "./prompt-cache.ts";
import { signReasoning, verifyReasoning } from "./reasoning-signature.ts";
import type { Shape } from "./shape.ts";
import { validateShape } from "./validate-shape.ts";

/**
 * Converse and ConverseStream.
 *
 * @throws AwsError where Bedrock or the model would refuse
 */
export function converse(call: HandledCall, cache: PromptCache, streaming: boolean): AnswerPlan {
  const request = readConverse(
    call.body,
    call.model,
    streaming ? converseStreamRequest : converseRequest,
    call.seed,
  );
  if (request.requestMetadata !== undefined) call.record.requestMetadata = request.requestMetadata;
  const pieces = inputPieces(request);
  const prompt = promptOf(request, call.model, pieces);
  call.record.inputTokens = prompt.inputTokens;
  if (prompt.inputTokens > call.model.contextWindow)
    throw validationError("Input is too long for requested model.");
  const guardrail = callGuardrail(request, prompt.text);
  const answer = call.bend(guardrail.blocked ?? guardrail.guard(answerPrompt(prompt, call)));
  const full = describeAnswer(
    request,
    answer,
    usageOf(pieces, prompt.inputTokens, answer, cache, call),
    guardrail.trace(),
    call,
  );
  const pace = call.pace(prompt.inputTokens);
  if (streaming)
    return {
      type: "stream",
      headers: eventStreamHeaders,
      frames: streamFrames(full, pace, call.random),
    };
  const latencyMs = pace.firstTokenMs + answer.outputTokens * pace.msPerToken;
  return {
    type: "whole",
    headers: jsonHeaders,
    body: jsonBody(wholeBody(full, latencyMs)),
    atMs: latencyMs,
    tokens: answer.outputTokens,
  };
}

/** Reads and checks a body: its shape first, then the conversation, then what this model refuses. */
export function readConverse(
  body: Buffer,
  model: SimulatedModel,
  shape: Shape,
  seed: number,
): ConverseRequest {
  if (model.kind !== "chat") {
    throw validationError(
      "This action doesn't support the model that you provided. Try again with a supported text or chat model.",
    );
  }
  const request = parseJson(body) as ConverseRequest;
  validateShape(shape, request);
  const complaint = firstOf(conversationRules, (rule) => rule(request));
  if (complaint !== undefined) throw validationError(complaint);
  applyModelRules(request, model);
  if (model.dialect === "claude") verifyReasoning(request, seed);
  return request;
}

/** @throws AwsError SerializationException where the body is no JSON */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw serializationError("The request body is not valid JSON.");
  }
}

function usageOf(
  pieces: readonly InputPiece[],
  inputTokens: number,
  answer: Answer,
  cache: PromptCache,
  call: HandledCall,
): Record<string, unknown> {
  const { outputTokens } = answer;
  const plain = { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens };
  if (!call.model.capabilities.includes("PromptCaching")) return plain;
  const use: CacheUse = cache.use(call.model.id, pieces, call.now);
  const written = use.writes.reduce((sum, write) => sum + write.inputTokens, 0);
  return {
    ...plain,
    inputTokens: inputTokens - use.readTokens - written,
    cacheReadInputTokens: use.readTokens,
    cacheWriteInputTokens: written,
    ...(use.writes.length === 0 ? {} : { cacheDetails: use.writes }),
  };
}

function describeAnswer(
  request: ConverseRequest,
  answer: Answer,
  usage: Record<string, unknown>,
  trace: unknown,
  call: HandledCall,
): ConverseAnswer {
  const additional = additionalFields(request, answer);
  return {
    blocks: answer.blocks,
    stopReason: answer.stopReason,
    usage,
    // Only Claude signs its thinking; gpt-oss thinks in the open.
    sign: (text) => (call.model.dialect === "claude" ? signReasoning(call.seed, text) : undefined),
    extras: {
      ...(trace === undefined ? {} : { trace }),
      ...(request.performanceConfig === undefined
        ? {}
        : { performanceConfig: request.performanceConfig }),
      ...(request.serviceTier === undefined ? {} : { serviceTier: request.serviceTier }),
    },
    ...(additional === undefined ? {} : { additionalFields: additional }),
  };
}

function additionalFields(
  request: ConverseRequest,
  answer: Answer,
): Record<string, unknown> | undefined {
  const wanted = request.additionalModelResponseFieldPaths ?? [];
  if (!wanted.includes("/stop_sequence")) return undefined;
  return { stop_sequence: answer.stopSequence ?? null };
}

function wholeBody(answer: ConverseAnswer, latencyMs: number): unknown {
  return {
    ...(answer.additionalFields === undefined
      ? {}
      : { additionalModelResponseFields: answer.additionalFields }),
    metrics: { latencyMs: Math.round(latencyMs) },
    output: {
      message: {
        content: answer.blocks.map((block) => wholeBlock(block, answer)),
        role: "assistant",
      },
    },
    ...answer.extras,
    stopReason: answer.stopReason,
    usage: answer.usage,
  };
}

function wholeBlock(block: AnswerBlock, answer: ConverseAnswer): unknown {
  if (block.type === "text") return { text: block.text };
  if (block.type === "toolUse")
    return { toolUse: { toolUseId: block.id, name: block.name, input: block.input } };
  const signature = answer.sign(block.text);
  return {
    reasoningContent: {
      reasoningText: { text: block.text, ...(signature === undefined ? {} : { signature }) },
    },
  };
}
