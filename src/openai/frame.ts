export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter";

/** Tokens as they are billed. Cached ones are not counted in `input`. */
export interface Usage {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  /** Those of `output` that were spent on reasoning. */
  reasoning: number;
}

/** One stream event, the same for every provider. */
export type Frame =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string }
  /** Closes the reasoning block before it; replayed byte for byte in later turns. */
  | { type: "reasoningSignature"; signature: string }
  | { type: "redactedReasoning"; data: string }
  /** Opens a tool call; `index` is dense from 0 in the order of calls. */
  | { type: "toolCall"; index: number; id: string; name: string }
  | { type: "toolArguments"; index: number; text: string }
  /** The provider's terminal frame. A stream that ends without it is broken. */
  | { type: "finish"; reason: FinishReason }
  | { type: "usage"; usage: Usage };

export interface ToolCall {
  id: string;
  name: string;
  /** A JSON text of an object; `{}` where the model gave nothing. */
  arguments: string;
}

export type ReasoningBlock =
  | { type: "thinking"; thinking: string; signature?: string }
  | { type: "redacted_thinking"; data: string };

/** A whole answer: what a stream's frames add up to. */
export interface ChatReply {
  text: string;
  reasoning: readonly ReasoningBlock[];
  toolCalls: readonly ToolCall[];
  finishReason: FinishReason;
  /** Absent where the provider did not say; estimated by the router then. */
  usage?: Usage;
}
