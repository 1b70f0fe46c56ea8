import type { OfferedTool, Prompt } from "../mind/prompt.ts";
import { countTokens } from "../mind/tokens.ts";

/** The body of an OpenAI-chat container that has passed its checks; only what is read is named. */
export interface ChatRequest {
  model?: string;
  messages: ChatMessage[];
  max_tokens?: number;
  max_completion_tokens?: number;
  stop?: string | string[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  tools?: {
    type: string;
    function: { name: string; description?: string; parameters?: unknown };
  }[];
  tool_choice?: "none" | "auto" | "required" | { type: string; function: { name: string } };
  parallel_tool_calls?: boolean;
  response_format?: { type: string; json_schema?: { schema?: unknown } };
}

export interface ChatMessage {
  role: string;
  content?: string | { type: string; text?: string }[] | null;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

/** The request as the model sees it. */
export function chatPrompt(request: ChatRequest): Prompt {
  const { messages, tools = [], tool_choice: choice = "auto" } = request;
  const lastTurn = messages.slice(messages.findLastIndex((message) => message.role !== "tool") + 1);
  return {
    text: textOf(messages.findLast((message) => message.role === "user")),
    history: JSON.stringify(messages),
    toolResults: lastTurn.map((message) => ({
      id: message.tool_call_id ?? "",
      text: textOf(message),
      failed: false,
    })),
    attachments: [],
    tools: choice === "none" ? [] : tools.map(offeredTool),
    toolChoice: toolChoiceOf(choice),
    parallelTools: request.parallel_tool_calls !== false,
    schema: schemaOf(request.response_format),
    inputTokens:
      countTokens(JSON.stringify(tools)) +
      messages.reduce((sum, message) => sum + messageTokens(message), 0),
    maxTokens: request.max_completion_tokens ?? request.max_tokens,
    stopSequences: [request.stop ?? []].flat(),
  };
}

function schemaOf(format: ChatRequest["response_format"]): unknown {
  if (format?.type === "json_schema") return format.json_schema?.schema;
  return format?.type === "json_object" ? anyObject : undefined;
}

const anyObject = {
  type: "object",
  properties: { answer: { type: "string" } },
  required: ["answer"],
};

function textOf(message: ChatMessage | undefined): string {
  const content = message?.content ?? "";
  return typeof content === "string" ? content : content.map((part) => part.text ?? "").join("\n");
}

const messageTokens = (message: ChatMessage): number =>
  4 + countTokens(textOf(message)) + countTokens(JSON.stringify(message.tool_calls ?? ""));

const offeredTool = (tool: NonNullable<ChatRequest["tools"]>[number]): OfferedTool => ({
  name: tool.function.name,
  description: tool.function.description ?? "",
  schema: tool.function.parameters ?? {},
});

function toolChoiceOf(choice: NonNullable<ChatRequest["tool_choice"]>): Prompt["toolChoice"] {
  if (typeof choice === "object") return { type: "tool", name: choice.function.name };
  return { type: choice === "required" ? "any" : choice };
}
