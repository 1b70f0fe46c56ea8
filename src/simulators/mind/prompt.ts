/** A tool that is offered; `schema` is the JSON schema of its input. */
export interface OfferedTool {
  name: string;
  description: string;
  schema: unknown;
}

export interface Attachment {
  kind: "image" | "document";
  format: string;
  bytes: number;
  name?: string;
}

export interface GivenToolResult {
  id: string;
  text: string;
  failed: boolean;
}

/** What a simulated model is asked, whichever protocol it came by. */
export interface Prompt {
  /** The text of the last user turn. */
  text: string;
  /** Everything before and including it: two requests with equal history get the same answer. */
  history: string;
  /** Results in the last turn: the model has called tools and now speaks of what came back. */
  toolResults: readonly GivenToolResult[];
  attachments: readonly Attachment[];
  tools: readonly OfferedTool[];
  toolChoice: { type: "auto" | "any" | "none" } | { type: "tool"; name: string };
  parallelTools: boolean;
  /** A JSON schema that the answer must conform to. */
  schema?: unknown;
  /** Tokens that may be spent on thinking; absent: the model does not think aloud. */
  thinkingTokens?: number | undefined;
  inputTokens: number;
  /** Absent: as much as the model can give. */
  maxTokens?: number | undefined;
  stopSequences: readonly string[];
}

export type AnswerBlock =
  | { type: "reasoning"; text: string }
  | { type: "text"; text: string }
  | { type: "toolUse"; id: string; name: string; input: unknown };

/** Why an answer ends, in Converse's words; other protocols translate them. */
export type StopReason =
  | "end_turn"
  | "tool_use"
  | "max_tokens"
  | "stop_sequence"
  | "guardrail_intervened"
  | "content_filtered"
  | "malformed_model_output"
  | "malformed_tool_use"
  | "model_context_window_exceeded";

export const stopReasons: readonly string[] = [
  "end_turn",
  "tool_use",
  "max_tokens",
  "stop_sequence",
  "guardrail_intervened",
  "content_filtered",
  "malformed_model_output",
  "malformed_tool_use",
  "model_context_window_exceeded",
] satisfies StopReason[];

export interface Answer {
  blocks: AnswerBlock[];
  stopReason: StopReason;
  stopSequence?: string;
  outputTokens: number;
}
