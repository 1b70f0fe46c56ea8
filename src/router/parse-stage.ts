import {
  parseChatRequest,
  parseEmbeddingsRequest,
  type ChatRequest,
  type EmbeddingsRequest,
} from "../openai/index.ts";
import type { Arrival } from "./arrival.ts";
import { parseJson } from "./parse-json.ts";

/** What the client asks for, validated. */
export type Asked =
  | { operation: "chat"; request: ChatRequest; streaming: boolean }
  | { operation: "embeddings"; request: EmbeddingsRequest; streaming: false };

export interface ParsedRequest extends Arrival {
  asked: Asked;
}

export type Parse = (arrival: Arrival) => ParsedRequest;

/** @throws ApiError naming the field at fault */
export function parseChat(arrival: Arrival): ParsedRequest {
  const parsed = parseChatRequest(parseJson(arrival.body));
  if (!parsed.ok) throw parsed.error;
  const request = parsed.value;
  return { ...arrival, asked: { operation: "chat", request, streaming: request.stream === true } };
}

/** @throws ApiError naming the field at fault */
export function parseEmbeddings(arrival: Arrival): ParsedRequest {
  const parsed = parseEmbeddingsRequest(parseJson(arrival.body));
  if (!parsed.ok) throw parsed.error;
  return {
    ...arrival,
    asked: { operation: "embeddings", request: parsed.value, streaming: false },
  };
}
