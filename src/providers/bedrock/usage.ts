import type { TokenUsage } from "@aws-sdk/client-bedrock-runtime";
import type { Usage } from "../../openai/index.ts";
import { countOf } from "../count-of.ts";

/** Bedrock's account of the tokens; undefined where it gives none. The SDK vouches for nothing of it. */
export function readUsage(usage: TokenUsage | undefined): Usage | undefined {
  const input = countOf(usage?.inputTokens);
  const output = countOf(usage?.outputTokens);
  if (input === undefined || output === undefined) return undefined;
  const written = countOf(usage?.cacheWriteInputTokens) ?? 0;
  const cacheWrite1h = Math.min(writtenForAnHour(usage?.cacheDetails), written);
  return {
    input,
    output,
    cacheRead: countOf(usage?.cacheReadInputTokens) ?? 0,
    // What no detail speaks of was written for five minutes, the default.
    cacheWrite5m: written - cacheWrite1h,
    cacheWrite1h,
    // Bedrock does not tell reasoning apart.
    reasoning: 0,
  };
}

function writtenForAnHour(details: TokenUsage["cacheDetails"]): number {
  if (!Array.isArray(details)) return 0;
  return details
    .filter((detail) => detail?.ttl === "1h")
    .reduce((sum, { inputTokens }) => sum + (countOf(inputTokens) ?? 0), 0);
}
