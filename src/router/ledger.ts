import { usdFromPico, type LedgerLine } from "../records/index.ts";
import type { BackendEntry } from "../table/index.ts";
import { accountOf, type AttemptAccount } from "./attempt-account.ts";
import { tokenCounts } from "./attempt-record.ts";
import type { Attempt } from "./attempt.ts";
import { filterGuardrails } from "./guardrail-account.ts";
import { inlineGuardrail, type GuardrailAccount } from "./inline-guardrail.ts";
import { servingAttempt, type Progress } from "./progress.ts";

/** All that a request is charged for. */
export interface Ledger {
  /** One for each attempt, in its order. */
  attempts: readonly AttemptAccount[];
  guardrails: readonly GuardrailAccount[];
  /** Whole pico-USD: the sum of both. */
  costPicoUsd: number;
  /** That part of it which filters' guardrails cost, whatever model answers. */
  filterPicoUsd: number;
}

export function ledgerOf(progress: Progress): Ledger {
  const { attempts = [], needs } = progress;
  const accounts = needs === undefined ? [] : attempts.map((each) => accountOf(each, needs));
  const inline = attempts.flatMap(
    (attempt, index) => inlineGuardrail(attempt, accounts[index]?.usage ?? null) ?? [],
  );
  const serving: BackendEntry | undefined = servingAttempt(progress)?.backend;
  const ofFilters = filterGuardrails(progress, serving);
  const filterPicoUsd = sumOf(ofFilters);
  const costPicoUsd = sumOf(accounts) + sumOf(inline) + filterPicoUsd;
  return { attempts: accounts, guardrails: [...inline, ...ofFilters], costPicoUsd, filterPicoUsd };
}

function sumOf(accounts: readonly { costPicoUsd: number }[]): number {
  let sum = 0;
  for (const { costPicoUsd } of accounts) sum += costPicoUsd;
  return sum;
}

/** The ledger as the record has it. */
export function ledgerLines(ledger: Ledger, { attempts = [], attempt }: Progress): LedgerLine[] {
  const lines = ledger.attempts.map((account, index) =>
    attemptLine(account, attempts[index], attempt),
  );
  for (const { backend, units, basis, costPicoUsd } of ledger.guardrails) {
    const cost_usd = usdFromPico(costPicoUsd);
    lines.push({ kind: "guardrail", backend, tokens: null, units, cost_usd, basis });
  }
  return lines;
}

function attemptLine(
  { usage, basis, costPicoUsd }: AttemptAccount,
  attempt: Attempt | undefined,
  serving: Attempt | undefined,
): LedgerLine {
  return {
    kind: attempt === undefined ? "failed" : kindOf(attempt, serving),
    backend: attempt?.backend.name ?? null,
    tokens: tokenCounts(usage),
    units: null,
    cost_usd: usdFromPico(costPicoUsd),
    basis,
  };
}

/** @param serving the attempt that the client was answered from */
function kindOf(attempt: Attempt, serving: Attempt | undefined): LedgerLine["kind"] {
  if (attempt.kind === "shadow" || attempt.kind === "judge") return attempt.kind;
  if (attempt.superseded) return "hedge_loser";
  if (attempt.clientGone) return "aborted";
  if (attempt.error === null) return "answer";
  return attempt === serving ? "broken_stream" : "failed";
}
