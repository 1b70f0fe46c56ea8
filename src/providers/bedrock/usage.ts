import type { TokenUsage } from "@aws-sdk/client-bedrock-runtime";
import type { Usage } from "../../openai/index.ts";

/** Bedrock's account of the tokens; undefined where it gives none. */
export function readUsage(usage: TokenUsage | undefined): Usage | undefined {
  if (usage?.inputTokens === undefined || usage.outputTokens === undefined) return undefined;
  const written = usage.cacheWriteInputTokens ?? 0;
  const forHour = (usage.cacheDetails ?? [])
    .filter(({ ttl }) => ttl === "1h")
    .reduce((sum, { inputTokens = 0 }) => sum + inputTokens, 0);
  const cacheWrite1h = Math.min(forHour, written);
  return {
    input: usage.inputTokens,
    output: usage.outputTokens,
    cacheRead: usage.cacheReadInputTokens ?? 0,
    // What no detail speaks of was written for five minutes, the default.
    cacheWrite5m: written - cacheWrite1h,
    cacheWrite1h,
    // Bedrock does not tell reasoning apart.
    reasoning: 0,
  };
}
