import { permits, type RequestNeeds } from "../../routing/index.ts";
import type { BackendEntry, RouteEntry, TenantEntry } from "../../table/index.ts";

interface Asked {
  route: RouteEntry;
  /** The table's. */
  backends: Readonly<Record<string, BackendEntry>>;
  tenant: TenantEntry | null;
  needs: RequestNeeds;
}

/**
 * Who answers a request a second time: the baseline; where it has answered already, another candidate by
 * the draw. Only those inside the hard limits come into question.
 *
 * @param served name of the backend that answered
 * @param which in [0, 1)
 */
export function shadowBackend(
  { route, backends, tenant, needs }: Asked,
  served: string,
  which: number,
): BackendEntry | undefined {
  const names = new Set(route.candidates.map(({ backend }) => backend));
  const wanted =
    served === route.baseline
      ? [...names].filter((name) => name !== served)
      : [route.baseline].filter((name) => names.has(name));
  const permitted = wanted
    .flatMap((name) => backends[name] ?? [])
    .filter((backend) => permits(backend, needs, tenant));
  return permitted[Math.floor(which * permitted.length)];
}
