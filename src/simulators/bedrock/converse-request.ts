/** A Converse body that has passed its shape; only what the simulator reads is named. */
export interface ConverseRequest {
  messages?: ConverseMessage[];
  system?: SystemBlock[];
  inferenceConfig?: {
    maxTokens?: number;
    temperature?: number;
    topP?: number;
    stopSequences?: string[];
  };
  toolConfig?: {
    tools: Tool[];
    toolChoice?: { auto?: object; any?: object; tool?: { name: string } };
  };
  additionalModelRequestFields?: Record<string, unknown>;
  additionalModelResponseFieldPaths?: string[];
  guardrailConfig?: { guardrailIdentifier?: string; guardrailVersion?: string; trace?: string };
  requestMetadata?: Record<string, string>;
  performanceConfig?: { latency?: string };
  serviceTier?: { type: string };
  outputConfig?: { textFormat?: { structure: { jsonSchema: { schema: string } } } };
}

export interface ConverseMessage {
  role: "user" | "assistant" | "system";
  content: ContentBlock[];
}

export interface CachePoint {
  type: string;
  ttl?: "5m" | "1h";
}

export interface SystemBlock {
  text?: string;
  cachePoint?: CachePoint;
}

export interface MediaBlock {
  format?: string;
  name?: string;
  source: { bytes?: string; text?: string; s3Location?: object; content?: { text?: string }[] };
}

export interface ToolUseBlock {
  toolUseId: string;
  name: string;
  input: unknown;
}

export interface ToolResultBlock {
  toolUseId: string;
  content: { text?: string; json?: unknown; image?: MediaBlock; document?: MediaBlock }[];
  status?: string;
}

export interface ReasoningBlock {
  reasoningText?: { text: string; signature?: string };
  redactedContent?: string;
}

export interface ContentBlock {
  text?: string;
  image?: MediaBlock;
  document?: MediaBlock;
  toolUse?: ToolUseBlock;
  toolResult?: ToolResultBlock;
  cachePoint?: CachePoint;
  reasoningContent?: ReasoningBlock;
  guardContent?: { text?: { text: string } };
}

export interface Tool {
  toolSpec?: { name: string; description?: string; inputSchema: { json: unknown } };
  cachePoint?: CachePoint;
}

/** All members of one kind in a message, in order. */
export const toolUsesOf = (message: ConverseMessage | undefined): ToolUseBlock[] =>
  (message?.content ?? []).flatMap((block) => block.toolUse ?? []);

export const toolResultsOf = (message: ConverseMessage | undefined): ToolResultBlock[] =>
  (message?.content ?? []).flatMap((block) => block.toolResult ?? []);

/** The budget of Claude's thinking, where it is asked for. */
export function thinkingBudget(request: ConverseRequest): number | undefined {
  const thinking = request.additionalModelRequestFields?.["thinking"] as
    | { type?: string; budget_tokens?: number }
    | undefined;
  return thinking?.type === "enabled" ? (thinking.budget_tokens ?? 0) : undefined;
}

export const mediaBytes = (media: MediaBlock): number =>
  media.source.bytes === undefined
    ? Buffer.byteLength(
        media.source.text ?? (media.source.content ?? []).map((part) => part.text ?? "").join(""),
      )
    : Buffer.byteLength(media.source.bytes, "base64");
