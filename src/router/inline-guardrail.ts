import type { Usage } from "../openai/index.ts";
import type { LedgerLine } from "../records/index.ts";
import { ownGuardrailUnits } from "../routing/index.ts";
import type { Attempt } from "./attempt.ts";

/** What guardrails cost, as a line of a ledger has it. */
export interface GuardrailAccount {
  backend: string | null;
  units: number;
  basis: LedgerLine["basis"];
  costPicoUsd: number;
}

/**
 * The guardrail that a backend names runs inside its model's call, on what goes in and what comes out. Its
 * units are told in the trace; where that never came they are estimated from the tokens.
 *
 * @param usage of the attempt; null where it used nothing
 */
export function inlineGuardrail(
  { backend, facts: { guardrailUnits } }: Attempt,
  usage: Usage | null,
): GuardrailAccount | undefined {
  const { prices, name } = backend;
  if (prices.guardrailUnit === undefined) return undefined;
  if (guardrailUnits !== undefined)
    return guardrailAccount(name, guardrailUnits, prices.guardrailUnit, "metered");
  const units = usage === null ? 0 : ownGuardrailUnits(backend, usage);
  return units === 0 ? undefined : guardrailAccount(name, units, prices.guardrailUnit, "estimated");
}

export function guardrailAccount(
  backend: string | null,
  units: number,
  unitPicoUsd: number,
  basis: LedgerLine["basis"],
): GuardrailAccount {
  return { backend, units, basis, costPicoUsd: units * unitPicoUsd };
}
