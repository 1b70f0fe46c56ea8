import type { Usage } from "../openai/index.ts";
import type { LedgerLine } from "../records/index.ts";
import {
  charactersPerToken,
  costOf,
  isPaidByTheHour,
  type RequestNeeds,
} from "../routing/index.ts";
import type { Attempt } from "./attempt.ts";

/** What an attempt used and cost. */
export interface AttemptAccount {
  usage: Usage | null;
  /** Whether the provider said so, or it was estimated because the provider never came to it. */
  source: "provider" | "estimated" | "none";
  basis: LedgerLine["basis"];
  costPicoUsd: number;
}

const nothingUsed: Usage = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  reasoning: 0,
};

/**
 * The account of an attempt that has ended. A provider bills what it has read and generated, so what
 * we cancelled is estimated from the request and from the content that had come; a call that failed by
 * itself before its first content costs nothing, nor does what never came to a call.
 */
export function accountOf(attempt: Attempt, needs: RequestNeeds): AttemptAccount {
  const usage = attempt.usage ?? estimateUsage(attempt, needs);
  if (usage === null) return { usage, source: "none", basis: "none", costPicoUsd: 0 };
  const costPicoUsd = costOf(usage, attempt.backend, busyMs(attempt));
  const source = attempt.usage === null ? "estimated" : "provider";
  return { usage, source, basis: basisOf(attempt), costPicoUsd };
}

function basisOf({ backend: { prices }, usage }: Attempt): LedgerLine["basis"] {
  if (isPaidByTheHour(prices)) return "allocated";
  if (prices.tokens === undefined) return "none";
  return usage === null ? "estimated" : "metered";
}

/** Our own queue is not the instance's time. */
function busyMs({ startedAt, endedAt, queuedMs }: Attempt): number {
  return Math.max(0, (endedAt ?? startedAt) - startedAt - (queuedMs ?? 0));
}

function estimateUsage(attempt: Attempt, needs: RequestNeeds): Usage | null {
  if (!attempt.sent) return null;
  const failed = attempt.error !== null && !attempt.cancelled;
  if (failed && attempt.contentLength === 0) return null;
  const output = Math.ceil(attempt.contentLength / charactersPerToken) + attempt.unseenTokens;
  return { ...nothingUsed, input: needs.inputTokens, output };
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
