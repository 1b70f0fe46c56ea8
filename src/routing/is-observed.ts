import type { TenantEntry } from "../table/index.ts";

// Under `enforcement: Observe` a policy's bounds on cost and speed do not bite: which backends may serve,
// and ceilings over the envelope. What it grants, and what cannot be taken back, always holds: who is let
// in, to which routes, and where and by whom data may be seen. docs/adr/0014 says why.

export function isObserved(tenant: TenantEntry | null): boolean {
  return tenant?.enforcement === "Observe";
}
