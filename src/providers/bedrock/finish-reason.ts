import type { FinishReason } from "../../openai/index.ts";
import { ProviderError } from "../provider-error.ts";

/**
 * OpenAI's word for Bedrock's `stopReason`. One that this release does not know ends an answer that
 * arrived whole: "stop".
 *
 * @throws ProviderError malformed_reply where the model itself failed to make an answer
 */
export function finishReason(stopReason: string | undefined): FinishReason {
  switch (stopReason) {
    case "tool_use":
      return "tool_calls";
    case "max_tokens":
    case "model_context_window_exceeded":
      return "length";
    case "content_filtered":
    case "guardrail_intervened":
      return "content_filter";
    case "malformed_model_output":
    case "malformed_tool_use":
      throw new ProviderError("malformed_reply", "The model gave an answer that cannot be read", {
        upstreamName: stopReason,
      });
    default:
      return "stop";
  }
}
