import { permits } from "../routing/index.ts";
import type { BackendEntry } from "../table/index.ts";
import type { Situation } from "./next-step.ts";
import type { RouterParts } from "./parts.ts";
import type { RoutedRequest } from "./route-stage.ts";

/**
 * What the next step is decided by, as things stand now. The tenant's limits, the request's needs, the
 * backends' health and their room are looked at again before every attempt.
 */
export function situationOf(routed: RoutedRequest, parts: RouterParts): Situation {
  const { choice, needs, tenant, attempts, route } = routed;
  const chain: BackendEntry[] = [];
  for (const { backend } of choice.chain) {
    if (isHere(backend, parts) && permits(backend, needs, tenant)) chain.push(backend);
  }
  return {
    chain,
    attempts,
    fallback: route.fallback,
    hasBudget: parts.budgets.hasRetry(route),
  };
}

/** Whether the backend is neither ejected nor full. */
function isHere(backend: BackendEntry, { health, places }: RouterParts): boolean {
  return health.admits(backend) && places.hasRoom(backend);
}
