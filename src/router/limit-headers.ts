import { runOutMs, type Bound } from "../tenancy/index.ts";
import type { RequestLimits } from "./request-limits.ts";

/** What an answer tells of its tenant's limits, as OpenAI's answers do. Names are lower case. */
export function limitHeaders({ plan, verdict, exceeded }: RequestLimits): Record<string, string> {
  const headers: Record<string, string> = {};
  if (verdict.kind === "judged") {
    addRate(headers, "requests", plan.requests, verdict.requestsLevel);
    addRate(headers, "tokens", plan.tokens, verdict.tokensLevel);
  }
  if (exceeded.size > 0) headers["x-switchyard-exceeded"] = [...exceeded].join(",");
  return headers;
}

function addRate(
  headers: Record<string, string>,
  what: "requests" | "tokens",
  bound: Bound | null,
  level: number,
): void {
  if (bound === null) return;
  headers[`x-ratelimit-limit-${what}`] = String(bound.max);
  headers[`x-ratelimit-remaining-${what}`] = String(Math.max(0, Math.floor(bound.max - level)));
  headers[`x-ratelimit-reset-${what}`] = durationText(runOutMs(level, bound.max));
}

/** As OpenAI writes it: `120ms`, `6s`, `1m0s`. */
function durationText(ms: number): string {
  const whole = Math.ceil(ms);
  if (whole < 1_000) return `${whole}ms`;
  const seconds = whole / 1_000;
  if (seconds < 60) return `${Number(seconds.toFixed(3))}s`;
  return `${Math.floor(seconds / 60)}m${Number((seconds % 60).toFixed(3))}s`;
}
