import type { Usage } from "../openai/index.ts";
import type { LedgerLine } from "../records/index.ts";
import type { BackendEntry } from "../table/index.ts";
import { charactersPerToken } from "./attempt-account.ts";
import type { Attempt } from "./attempt.ts";
import { guardrailUnits } from "./guardrail-call.ts";
import type { Progress } from "./progress.ts";

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
  return account(name, units, prices.guardrailUnit, "estimated");
}

/**
 * What the filters' guardrails cost, at the price of the backend that served; where none was called, of the
 * route's first candidate that has such a price.
 */
export function filterGuardrails(
  { guardrailCalls = [], route, snapshot }: Progress,
  serving: BackendEntry | undefined,
): GuardrailAccount[] {
  if (guardrailCalls.length === 0) return [];
  const backends = snapshot?.table.backends ?? {};
  const candidates = (route?.candidates ?? []).map(({ backend }) => backends[backend]);
  const priced = [serving, ...candidates].find((each) => each?.prices.guardrailUnit !== undefined);
  return guardrailCalls.map(({ units, estimated }) => {
    const price = priced?.prices.guardrailUnit;
    if (price === undefined) return account(null, units, 0, "none");
    return account(priced?.name ?? null, units, price, estimated ? "estimated" : "metered");
  });
}

function account(
  backend: string | null,
  units: number,
  unitPicoUsd: number,
  basis: LedgerLine["basis"],
): GuardrailAccount {
  return { backend, units, basis, costPicoUsd: units * unitPicoUsd };
}
