import type { ChatReply, FinishReason, ReasoningBlock, ToolCall, Usage } from "./frame.ts";
import { usageBody, type UsageBody } from "./usage-body.ts";

/** What every answer and every chunk of one request begins with. */
export interface ReplyIdentity {
  /** `chatcmpl-…` */
  id: string;
  /** Whole seconds since the epoch. */
  created: number;
  model: string;
}

export interface CompletionMessage {
  role: "assistant";
  /** Null where the model called tools and said nothing. */
  content: string | null;
  refusal: null;
  tool_calls?: { id: string; type: "function"; function: { name: string; arguments: string } }[];
  reasoning_content?: string;
  thinking_blocks?: ReasoningBlock[];
}

export interface CompletionBody extends ReplyIdentity {
  object: "chat.completion";
  choices: [{ index: 0; message: CompletionMessage; logprobs: null; finish_reason: FinishReason }];
  usage?: UsageBody;
}

/** The body of a whole answer. */
export function completionBody(
  answer: ReplyIdentity & { reply: ChatReply; usage?: Usage | undefined },
): CompletionBody {
  const { id, created, model, reply, usage } = answer;
  const body: CompletionBody = {
    id,
    object: "chat.completion",
    created,
    model,
    choices: [
      { index: 0, message: messageBody(reply), logprobs: null, finish_reason: reply.finishReason },
    ],
  };
  if (usage !== undefined) body.usage = usageBody(usage);
  return body;
}

function messageBody(reply: ChatReply): CompletionMessage {
  const silent = reply.text === "" && reply.toolCalls.length > 0;
  const message: CompletionMessage = {
    role: "assistant",
    content: silent ? null : reply.text,
    refusal: null,
  };
  if (reply.toolCalls.length > 0) message.tool_calls = reply.toolCalls.map(toolCallBody);
  const thoughts = reasoningText(reply.reasoning);
  if (thoughts !== "") message.reasoning_content = thoughts;
  const replayed = reply.reasoning.filter(isReplayed);
  if (replayed.length > 0) message.thinking_blocks = replayed;
  return message;
}

function toolCallBody(call: ToolCall) {
  return {
    id: call.id,
    type: "function" as const,
    function: { name: call.name, arguments: call.arguments },
  };
}

function reasoningText(blocks: readonly ReasoningBlock[]): string {
  return blocks.map((block) => (block.type === "thinking" ? block.thinking : "")).join("");
}

/** A block without a signature is of no use to a later turn: its text alone is told. */
function isReplayed(block: ReasoningBlock): boolean {
  return block.type === "redacted_thinking" || block.signature !== undefined;
}
