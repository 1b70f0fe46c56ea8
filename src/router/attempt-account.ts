import type { Usage } from "../openai/index.ts";
import { costOf, type RequestNeeds } from "../routing/index.ts";
import type { Attempt } from "./attempt.ts";

/** What an attempt used and cost. */
export interface AttemptAccount {
  usage: Usage | null;
  /** Whether the provider said so, or it was estimated because the provider never came to it. */
  source: "provider" | "estimated" | "none";
  costPicoUsd: number;
}

/** Characters of English text in a token, roughly; estimates are marked as such. */
const charactersPerToken = 4;

/**
 * The account of an attempt that has ended. A provider bills what it has read and generated, so what
 * we cancelled is estimated from the request and from the content that had come; a call that failed by
 * itself before its first content costs nothing.
 */
export function accountOf(attempt: Attempt, needs: RequestNeeds): AttemptAccount {
  const usage = attempt.usage ?? estimateUsage(attempt, needs);
  if (usage === null) return { usage, source: "none", costPicoUsd: 0 };
  const durationMs = (attempt.endedAt ?? attempt.startedAt) - attempt.startedAt;
  const costPicoUsd = costOf(usage, attempt.backend.prices, durationMs);
  return { usage, source: attempt.usage === null ? "estimated" : "provider", costPicoUsd };
}

function estimateUsage(attempt: Attempt, needs: RequestNeeds): Usage | null {
  if (attempt.queuedMs === null) return null;
  const failed = attempt.error !== null && !attempt.cancelled;
  if (failed && attempt.contentLength === 0) return null;
  const output = Math.ceil(attempt.contentLength / charactersPerToken);
  return {
    input: needs.inputTokens,
    output,
    cacheRead: 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    reasoning: 0,
  };
}

/** Sums over attempts; null where none used anything. */
export function sumUsage(accounts: readonly AttemptAccount[]): Usage | null {
  let sum: Usage | null = null;
  for (const { usage } of accounts) {
    if (usage === null) continue;
    sum = sum === null ? { ...usage } : addUsage(sum, usage);
  }
  return sum;
}

function addUsage(left: Usage, right: Usage): Usage {
  return {
    input: left.input + right.input,
    output: left.output + right.output,
    cacheRead: left.cacheRead + right.cacheRead,
    cacheWrite5m: left.cacheWrite5m + right.cacheWrite5m,
    cacheWrite1h: left.cacheWrite1h + right.cacheWrite1h,
    reasoning: left.reasoning + right.reasoning,
  };
}
