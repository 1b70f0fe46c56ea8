import { jsonBody, type AnswerPlan } from "../answer-plan.ts";
import { validationError } from "../aws-error.ts";
import type { HandledCall } from "../handled-call.ts";
import { countTokens } from "../mind/tokens.ts";
import { embedText, toBits, toInt8 } from "../mind/vectors.ts";
import { checkFields, type FieldRules } from "./model-body.ts";
import { parseJson } from "./converse.ts";

interface Embedded {
  reply: unknown;
  tokens: number;
}

/**
 * InvokeModel for the embedding models of Titan and Cohere.
 *
 * @throws AwsError in the words of the model whose body is wrong
 */
export function invokeEmbeddings(call: HandledCall): AnswerPlan {
  const { dialect } = call.model;
  if (dialect !== "titan" && dialect !== "cohere") {
    throw validationError(
      "The simulator speaks InvokeModel for embedding models only. Use Converse for this model.",
    );
  }
  const body = parseJson(call.body);
  const { reply, tokens } = dialect === "titan" ? embedTitan(body, call) : embedCohere(body, call);
  const pace = call.pace(tokens);
  call.record.inputTokens = tokens;
  const headers = {
    "content-type": "application/json",
    "x-amzn-bedrock-input-token-count": String(tokens),
    "x-amzn-bedrock-invocation-latency": String(Math.round(pace.firstTokenMs)),
  };
  return { type: "whole", headers, body: jsonBody(reply), atMs: pace.firstTokenMs, tokens: 0 };
}

const titanFields: FieldRules = {
  inputText: { type: "string", required: true, minLength: 1 },
  dimensions: { type: "number", options: [256, 512, 1024] },
  normalize: { type: "boolean" },
  embeddingTypes: {
    type: "array",
    items: { type: "string", options: ["float", "binary"] },
    minLength: 1,
  },
};

function embedTitan(value: unknown, call: HandledCall): Embedded {
  checkFields(value, titanFields);
  const body = value as {
    inputText: string;
    dimensions?: number;
    normalize?: boolean;
    embeddingTypes?: string[];
  };
  const tokens = countTokens(body.inputText);
  if (tokens > call.model.contextWindow || body.inputText.length > 50_000) {
    throw validationError(
      `400 Bad Request: Too many input tokens. Max input tokens: ${call.model.contextWindow}, request input token count: ${tokens}`,
    );
  }
  const unit = embedText(
    call.seed,
    call.model.id,
    body.inputText,
    body.dimensions ?? call.model.embedding?.defaultDimensions ?? 1024,
  );
  // Not normalised, Titan's vectors have a length of their own.
  const vector = body.normalize === false ? unit.map((each) => each * 17.5) : unit;
  const types = body.embeddingTypes ?? ["float"];
  const byType = Object.fromEntries(
    types.map((type) => [
      type,
      type === "binary" ? vector.map((each) => (each > 0 ? 1 : 0)) : vector,
    ]),
  );
  return {
    tokens,
    reply: {
      ...(types.includes("float") ? { embedding: vector } : {}),
      embeddingsByType: byType,
      inputTextTokenCount: tokens,
    },
  };
}

const cohereFields: FieldRules = {
  texts: {
    type: "array",
    required: true,
    minLength: 1,
    maxLength: 96,
    items: { type: "string", maxLength: 2048 },
  },
  input_type: {
    type: "string",
    required: true,
    options: ["search_document", "search_query", "classification", "clustering"],
  },
  truncate: { type: "string", options: ["NONE", "START", "END"] },
  embedding_types: {
    type: "array",
    minLength: 1,
    items: { type: "string", options: ["float", "int8", "uint8", "binary", "ubinary"] },
  },
};

const cohereForms: Record<string, (vector: number[]) => number[]> = {
  float: (vector) => vector,
  int8: toInt8,
  uint8: (vector) => toInt8(vector).map((each) => each + 128),
  binary: (vector) => toBits(vector).map((each) => each - 128),
  ubinary: toBits,
};

function embedCohere(value: unknown, call: HandledCall): Embedded {
  checkFields(value, cohereFields);
  const body = value as { texts: string[]; truncate?: string; embedding_types?: string[] };
  const limit = call.model.contextWindow;
  const counts = body.texts.map((text) => countTokens(text));
  const tooLong = counts.findIndex((count) => count > limit);
  if (tooLong >= 0 && (body.truncate ?? "NONE") === "NONE") {
    throw validationError(
      `too many tokens: text at index ${tooLong} has ${counts[tooLong]} tokens, the limit is ${limit}. Use the truncate parameter to shorten it.`,
    );
  }
  const vectors = body.texts.map((text) =>
    embedText(call.seed, call.model.id, text, call.model.embedding?.defaultDimensions ?? 1024),
  );
  const tokens = counts.reduce((sum, count) => sum + Math.min(count, limit), 0);
  const about = { id: call.record.requestId, texts: body.texts.map((text) => text.toLowerCase()) };
  if (body.embedding_types === undefined)
    return { tokens, reply: { ...about, embeddings: vectors, response_type: "embeddings_floats" } };
  const embeddings = Object.fromEntries(
    body.embedding_types.map((type) => [
      type,
      vectors.map((vector) => cohereForms[type]?.(vector) ?? vector),
    ]),
  );
  return { tokens, reply: { ...about, embeddings, response_type: "embeddings_by_type" } };
}
