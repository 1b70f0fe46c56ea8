import * as z from "zod";
import {
  assistantParts,
  cacheControl,
  contentParts,
  textParts,
  type AssistantPart,
  type CacheControl,
  type ContentPart,
  type TextPart,
} from "./content-part.ts";
import { listOf } from "./first-problem.ts";
import type { ReasoningBlock } from "./frame.ts";

interface Named {
  name?: string | null | undefined;
  /** Of a message whose content is a plain string. */
  cache_control?: CacheControl | null | undefined;
}

export interface SystemMessage extends Named {
  role: "system" | "developer";
  content: string | TextPart[];
}

export interface UserMessage extends Named {
  role: "user";
  content: string | ContentPart[];
}

export interface MessageToolCall {
  id: string;
  type?: "function" | undefined;
  function: { name: string; arguments: string };
}

export interface AssistantMessage extends Named {
  role: "assistant";
  content?: string | AssistantPart[] | null | undefined;
  refusal?: string | null | undefined;
  tool_calls?: MessageToolCall[] | null | undefined;
  /** What the model thought, as plain text. Where `thinking_blocks` are given, those count. */
  reasoning_content?: string | null | undefined;
  /** Replayed to the provider byte for byte. */
  thinking_blocks?: ReasoningBlock[] | null | undefined;
}

export interface ToolMessage extends Named {
  role: "tool";
  tool_call_id: string;
  content: string | ContentPart[];
}

export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** The forms that OpenAI has deprecated and still accepts. */
export interface FunctionMessage {
  role: "function";
  name: string;
  content?: string | null | undefined;
}

export type WireMessage =
  | Message
  | FunctionMessage
  | (AssistantMessage & { function_call?: MessageToolCall["function"] | null | undefined });

const named = { name: z.string().nullish(), cache_control: cacheControl };
const call = z.looseObject({ name: z.string().min(1), arguments: z.string() });
const systemContent = z.union([z.string(), textParts]);
const content = z.union([z.string(), contentParts]);

// `signature` may be absent but not null: a block without one is replayed as plain text.
const reasoningBlock = z.discriminatedUnion("type", [
  z.looseObject({
    type: z.literal("thinking"),
    thinking: z.string(),
    signature: z.string().exactOptional(),
  }),
  z.looseObject({ type: z.literal("redacted_thinking"), data: z.string() }),
]);

const assistantMessage = z.looseObject({
  role: z.literal("assistant"),
  content: z.union([z.string(), assistantParts]).nullish(),
  refusal: z.string().nullish(),
  tool_calls: listOf(
    z.looseObject({
      id: z.string().min(1),
      type: z.literal("function").optional(),
      function: call,
    }),
  ).nullish(),
  function_call: call.nullish(),
  reasoning_content: z.string().nullish(),
  thinking_blocks: listOf(reasoningBlock).nullish(),
  ...named,
});

export const message: z.ZodType<WireMessage> = z.discriminatedUnion("role", [
  z.looseObject({ role: z.enum(["system", "developer"]), content: systemContent, ...named }),
  z.looseObject({ role: z.literal("user"), content, ...named }),
  assistantMessage,
  z.looseObject({ role: z.literal("tool"), tool_call_id: z.string().min(1), content, ...named }),
  z.looseObject({
    role: z.literal("function"),
    name: z.string().min(1),
    content: z.string().nullish(),
  }),
]);
