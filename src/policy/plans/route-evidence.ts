import type { PlanRow } from "./plan-row.ts";
import { labelledRows, type Eyes, type LabelledRow } from "./scored-row.ts";

/** Views that are kept: a tenant asks for two at most, and mostly for those that the tenant before it did. */
const mostViews = 4;

/** The requests of one route by tenant: the labels of everybody are made once, and not again for each tenant. */
export class RouteEvidence {
  /** Oldest first. */
  readonly rows: readonly PlanRow[];
  readonly #byTenant: ReadonlyMap<string | null, readonly PlanRow[]>;
  readonly #isShared: boolean;
  readonly #views = new Map<string, readonly LabelledRow[]>();

  /** @param rows of the route, oldest first */
  constructor(rows: readonly PlanRow[]) {
    this.rows = rows;
    this.#byTenant = Map.groupBy(rows, ({ tenant }) => tenant);
    this.#isShared = !asksTogether(rows);
  }

  of(tenant: string): readonly PlanRow[] {
    return this.#byTenant.get(tenant) ?? [];
  }

  /** The labels of everybody, as `labelledRows` finds them, of rows since then. */
  labels(eyes: Eyes, since = 0): readonly LabelledRow[] {
    const rows = this.#from(since);
    const key = JSON.stringify([rows.length, eyes.model, eyes.candidates]);
    const made = this.#views.get(key) ?? labelledRows(rows, eyes);
    // The one that was asked for last goes last: the first is the one to give up.
    this.#views.delete(key);
    this.#views.set(key, made);
    const [oldest] = this.#views.keys();
    if (this.#views.size > mostViews && oldest !== undefined) this.#views.delete(oldest);
    return made;
  }

  /** As `labels`, of a tenant. */
  labelsOf(tenant: string, eyes: Eyes, since = 0): readonly LabelledRow[] {
    return this.#pick((row) => row.tenant === tenant, eyes, since);
  }

  /** As `labels`, of everybody but a tenant. */
  labelsOfOthers(tenant: string, eyes: Eyes, since = 0): readonly LabelledRow[] {
    return this.#pick((row) => row.tenant !== tenant, eyes, since);
  }

  #pick(isMeant: (row: Pick<PlanRow, "tenant">) => boolean, eyes: Eyes, since: number) {
    if (this.#isShared) return this.labels(eyes, since).filter(isMeant);
    return labelledRows(this.#from(since).filter(isMeant), eyes);
  }

  /** Rows are in the order of time, so that their number says which they are. */
  #from(since: number): readonly PlanRow[] {
    const first = this.rows.findIndex(({ ts }) => ts >= since);
    if (first === 0) return this.rows;
    return first < 0 ? [] : this.rows.slice(first);
  }
}

/** Whether answers to one prompt are of several tenants, and make one label only where both count. */
function asksTogether(rows: readonly PlanRow[]): boolean {
  const asker = new Map<string, string | null>();
  return rows.some(({ promptId, tenant, labels }) => {
    if (labels.length === 0) return false;
    const known = asker.get(promptId);
    asker.set(promptId, tenant);
    return known !== undefined && known !== tenant;
  });
}
