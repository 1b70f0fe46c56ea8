import type { Usage } from "../openai/index.ts";
import type { LedgerLine } from "../records/index.ts";
import { charactersPerToken } from "./attempt-account.ts";
import type { Attempt } from "./attempt.ts";
import { guardrailUnits } from "./guardrail-call.ts";

/** What guardrails cost, as a line of a ledger has it. */
export interface GuardrailAccount {
  backend: string | null;
  units: number;
  basis: LedgerLine["basis"];
  costPicoUsd: number;
}

/**
 * The guardrail that a backend names runs inside its model's call, on what goes in and what comes out. Its
 * units are not told without the trace, which costs time: they are estimated from the tokens.
 *
 * @param usage of the attempt; null where it used nothing
 */
export function inlineGuardrail(
  { backend }: Attempt,
  usage: Usage | null,
): GuardrailAccount | undefined {
  const { target, prices, name } = backend;
  if (target.type !== "Bedrock" || target.guardrail === undefined) return undefined;
  if (usage === null || prices.guardrailUnit === undefined) return undefined;
  const input = usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h;
  const units =
    guardrailUnits(input * charactersPerToken) + guardrailUnits(usage.output * charactersPerToken);
  return guardrailAccount(name, units, prices.guardrailUnit, "estimated");
}

export function guardrailAccount(
  backend: string | null,
  units: number,
  unitPicoUsd: number,
  basis: LedgerLine["basis"],
): GuardrailAccount {
  return { backend, units, basis, costPicoUsd: units * unitPicoUsd };
}
