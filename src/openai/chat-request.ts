import * as z from "zod";
import { listOf, texts } from "./first-problem.ts";
import { message, type Message, type WireMessage } from "./message.ts";
import {
  functionDefinition,
  functionTool,
  toolChoice,
  type FunctionTool,
  type ToolChoice,
  type WireToolChoice,
} from "./tool.ts";

export type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

export type ResponseFormat =
  | { type: "text" }
  | { type: "json_object" }
  | {
      type: "json_schema";
      json_schema: {
        name: string;
        description?: string | null | undefined;
        schema?: Record<string, unknown> | null | undefined;
        strict?: boolean | null | undefined;
      };
    };

interface Common {
  model: string;
  max_tokens?: number | undefined;
  max_completion_tokens?: number | undefined;
  temperature?: number | undefined;
  top_p?: number | undefined;
  top_k?: number | undefined;
  frequency_penalty?: number | undefined;
  presence_penalty?: number | undefined;
  seed?: number | undefined;
  stop?: string | string[] | undefined;
  parallel_tool_calls?: boolean | undefined;
  response_format?: ResponseFormat | undefined;
  reasoning_effort?: ReasoningEffort | undefined;
  stream?: boolean | undefined;
  stream_options?: { include_usage?: boolean | null | undefined } | undefined;
  user?: string | undefined;
  metadata?: Record<string, string> | undefined;
}

/**
 * What OpenAI's chat completions accept, brought to one form: members that are null are absent,
 * `functions` have become tools, and `allowed_tools` has been applied to them. Fields that are not
 * declared here are kept on the object for providers with a place for them.
 */
export interface ChatRequest extends Common {
  messages: Message[];
  tools?: FunctionTool[] | undefined;
  /** Never `required` or a name without tools that it could mean. */
  tool_choice?: ToolChoice | undefined;
}

/** As clients may write it. */
export interface WireChatRequest extends Common {
  messages: WireMessage[];
  tools?: FunctionTool[] | undefined;
  tool_choice?: WireToolChoice | undefined;
  functions?: FunctionTool["function"][] | undefined;
  function_call?: "none" | "auto" | { name: string } | undefined;
}

const wholeTokens = z.int().min(1).optional();
const number = z.number().optional();

const responseFormat: z.ZodType<ResponseFormat> = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text") }),
  z.looseObject({ type: z.literal("json_object") }),
  z.looseObject({
    type: z.literal("json_schema"),
    json_schema: z.looseObject({
      name: z.string().min(1),
      description: z.string().nullish(),
      schema: z.record(z.string(), z.unknown()).nullish(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** The wire form; `parseChatRequest` brings it to a ChatRequest. */
export const chatRequest: z.ZodType<WireChatRequest> = z.looseObject({
  model: z.string().min(1),
  messages: listOf(message, { min: 1 }),
  max_tokens: wholeTokens,
  max_completion_tokens: wholeTokens,
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().optional(),
  frequency_penalty: number,
  presence_penalty: number,
  seed: z.int().optional(),
  n: z.literal(1, "must be 1: one choice is made per request").optional(),
  stop: z.union([z.string(), listOf(z.string())]).optional(),
  tools: listOf(functionTool).optional(),
  tool_choice: toolChoice.optional(),
  parallel_tool_calls: z.boolean().optional(),
  functions: listOf(functionDefinition).optional(),
  function_call: z
    .union([z.enum(["none", "auto"]), z.looseObject({ name: z.string().min(1) })])
    .optional(),
  response_format: responseFormat.optional(),
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]).optional(),
  stream: z.boolean().optional(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).optional(),
  user: z.string().optional(),
  metadata: texts.optional(),
});
