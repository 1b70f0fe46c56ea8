import { parseChatRequest, type ApiError } from "../openai/index.ts";
import { err, ok, type Result } from "../lib/index.ts";

/** A prompt of a golden set; either a text or whole messages, in OpenAI's form like tools and formats. */
export interface GoldenPrompt {
  prompt?: string | undefined;
  messages?: readonly unknown[] | undefined;
  tools?: readonly unknown[] | undefined;
  toolChoice?: unknown;
  responseFormat?: unknown;
  maxTokens?: number | undefined;
}

/**
 * The body that asks for an answer to the prompt, without a model's name; what makes answers differ from one
 * time to the next is turned down.
 */
export function goldenRequest(prompt: GoldenPrompt): Record<string, unknown> {
  const { tools, toolChoice, responseFormat, maxTokens } = prompt;
  return {
    messages: prompt.messages ?? [{ role: "user", content: prompt.prompt ?? "" }],
    temperature: 0,
    ...(tools === undefined ? {} : { tools }),
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
    ...(responseFormat === undefined ? {} : { response_format: responseFormat }),
    ...(maxTokens === undefined ? {} : { max_completion_tokens: maxTokens }),
  };
}

/** What the API would refuse of that body; its `param` says where. */
export function checkGoldenRequest(prompt: GoldenPrompt): Result<void, ApiError> {
  const parsed = parseChatRequest({ model: "any", ...goldenRequest(prompt) });
  return parsed.ok ? ok(undefined) : err(parsed.error);
}
