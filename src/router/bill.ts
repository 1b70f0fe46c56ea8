import { usdFromPico, type RequestRecord } from "../records/index.ts";
import { usualCost } from "../routing/index.ts";
import { sumUsage, type AttemptAccount } from "./attempt-account.ts";
import { tokenCounts } from "./attempt-record.ts";
import { ledgerLines, type Ledger } from "./ledger.ts";
import type { RouterParts } from "./parts.ts";
import { servingAttempt, type Progress } from "./progress.ts";

/** What a request used and cost, as its record tells it. */
export type Bill = Pick<
  RequestRecord,
  "tokens" | "token_source" | "cost_usd" | "ledger" | "baseline_cost_usd"
>;

export function billOf(progress: Progress, ledger: Ledger, parts: RouterParts): Bill {
  const baseline = baselineOf(progress, ledger, parts);
  return {
    tokens: tokenCounts(sumUsage(ledger.attempts)),
    token_source: sourceOf(ledger.attempts),
    cost_usd: usdFromPico(ledger.costPicoUsd),
    ledger: ledgerLines(ledger, progress),
    baseline_cost_usd: baseline === null ? null : usdFromPico(baseline),
  };
}

/**
 * Whoever calls one model alone pays neither for hedges nor for fallbacks, but for the same filters: what
 * these cost beside the answer is no saving.
 */
function baselineOf(
  progress: Progress,
  { attempts: accounts, filterPicoUsd }: Ledger,
  { book }: RouterParts,
): number | null {
  const { route, snapshot, attempts = [] } = progress;
  const baseline = route && snapshot?.table.backends[route.baseline];
  const serving = servingAttempt(progress);
  const usage = serving && accounts[attempts.indexOf(serving)]?.usage;
  if (baseline === undefined || !usage) return null;
  return usualCost(usage, baseline, book) + filterPicoUsd;
}

function sourceOf(accounts: readonly AttemptAccount[]): RequestRecord["token_source"] {
  if (accounts.some((account) => account.source === "estimated")) return "estimated";
  return accounts.some((account) => account.source === "provider") ? "provider" : "none";
}
