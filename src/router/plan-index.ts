import type { Steps } from "../lib/index.ts";
import type { PlanEntry, RoutingTable } from "../table/index.ts";

interface RoutePlans {
  pooled?: PlanEntry;
  readonly own: Map<string, PlanEntry>;
}

/** The plans of a table as requests ask for them; built once a snapshot. */
export class PlanIndex {
  readonly #byRoute: ReadonlyMap<string, RoutePlans>;

  constructor(byRoute: ReadonlyMap<string, RoutePlans>) {
    this.#byRoute = byRoute;
  }

  /**
   * The tenant's own plan of the route, else the route's pooled one.
   *
   * @param tenant null: nobody in particular, who has none of his own
   */
  find(route: string, tenant: string | null): PlanEntry | undefined {
    const plans = this.#byRoute.get(route);
    const own = tenant === null ? undefined : plans?.own.get(tenant);
    return own ?? plans?.pooled;
  }
}

export function* planIndexSteps({ plans }: Pick<RoutingTable, "plans">): Steps<PlanIndex> {
  const byRoute = new Map<string, RoutePlans>();
  for (const name in plans) {
    const entry = plans[name];
    if (entry === undefined) continue;
    const ofRoute: RoutePlans = byRoute.get(entry.route) ?? { own: new Map() };
    byRoute.set(entry.route, ofRoute);
    if (entry.tenant === null) ofRoute.pooled = entry;
    else ofRoute.own.set(entry.tenant, entry);
    yield;
  }
  return new PlanIndex(byRoute);
}
