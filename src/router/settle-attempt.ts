import type { Usage } from "../openai/index.ts";
import type { RequestNeeds } from "../routing/index.ts";
import { accountOf } from "./attempt-account.ts";
import type { Attempt } from "./attempt.ts";
import { inlineGuardrail } from "./inline-guardrail.ts";
import { amountsOf } from "./request-limits.ts";

/** Books what an ended attempt has used in place of what was reserved for it. */
export function settleAttempt(attempt: Attempt, needs: RequestNeeds): void {
  if (attempt.reservation === null) return;
  const { usage, costPicoUsd } = accountOf(attempt, needs);
  const guardrail = inlineGuardrail(attempt, usage)?.costPicoUsd ?? 0;
  attempt.reservation.settle(amountsOf(costPicoUsd + guardrail, tokensOf(usage)));
}

function tokensOf(usage: Usage | null): number {
  if (usage === null) return 0;
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h } = usage;
  return input + output + cacheRead + cacheWrite5m + cacheWrite1h;
}
