import type { FinishReason } from "../../openai/index.ts";

/** The reasons of vLLM, LMI and TGI, which mostly use OpenAI's words. */
export function finishReason(told: string): FinishReason {
  switch (told) {
    case "length":
      return "length";
    case "tool_calls":
    case "function_call":
      return "tool_calls";
    case "content_filter":
      return "content_filter";
    default:
      // stop, eos_token, stop_sequence, and whatever else ends an answer that is complete.
      return "stop";
  }
}
