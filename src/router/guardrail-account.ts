import type { BackendEntry } from "../table/index.ts";
import { guardrailAccount, type GuardrailAccount } from "./inline-guardrail.ts";
import type { Progress } from "./progress.ts";

/**
 * What the filters' guardrails cost, at their own price, else that of the backend that served; where none
 * was called, of the route's first candidate that has such a price.
 */
export function filterGuardrails(
  { guardrailCalls = [], route, snapshot }: Progress,
  serving: BackendEntry | undefined,
): GuardrailAccount[] {
  if (guardrailCalls.length === 0) return [];
  const backends = snapshot?.table.backends ?? {};
  const candidates = (route?.candidates ?? []).map(({ backend }) => backends[backend]);
  const priced = [serving, ...candidates].find((each) => each?.prices.guardrailUnit !== undefined);
  return guardrailCalls.map(({ units, estimated, unitPrice }) => {
    const basis = estimated ? "estimated" : "metered";
    if (unitPrice !== undefined) return guardrailAccount(null, units, unitPrice, basis);
    const price = priced?.prices.guardrailUnit;
    if (price === undefined) return guardrailAccount(null, units, 0, "none");
    return guardrailAccount(priced?.name ?? null, units, price, basis);
  });
}
