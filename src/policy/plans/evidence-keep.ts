import type { EvidenceRow } from "../../records/index.ts";

/** What is left of more requests than fit into memory. */
export interface KeptEvidence {
  rows: readonly EvidenceRow[];
  /** By route, where some were left out: unlabelled requests from before this time are among them. */
  trafficSince: ReadonlyMap<string, number>;
}

const mostRows = 300_000;
/** More than a plan's shares and costs are reckoned by. */
const fewestOfRoute = 5_000;

/**
 * Takes any number of requests and keeps all that are labelled, and of each route the latest others: costs,
 * shares and latencies are no surer by more of them, and certificates rest on labels alone.
 */
export class EvidenceKeep {
  readonly #most: number;
  readonly #labelled: EvidenceRow[] = [];
  readonly #routes = new Map<string, LatestRows>();

  /** @param routes that share the room */
  constructor(routes: number, most = mostRows) {
    this.#most = Math.max(Math.min(most, fewestOfRoute), Math.floor(most / Math.max(1, routes)));
  }

  add(row: EvidenceRow): void {
    // What shadows and judges cost is held against the traffic of the same time, and goes with it.
    if (row.labels.length > 0 || row.arm === "golden") {
      this.#labelled.push(row);
      return;
    }
    let latest = this.#routes.get(row.route);
    if (latest === undefined) {
      latest = new LatestRows(this.#most);
      this.#routes.set(row.route, latest);
    }
    latest.add(row);
  }

  kept(): KeptEvidence {
    const rows = [...this.#labelled];
    const trafficSince = new Map<string, number>();
    for (const [route, latest] of this.#routes) {
      const { since, kept } = latest.settle();
      if (since > -Infinity) trafficSince.set(route, since);
      for (const row of kept) rows.push(row);
    }
    return { rows, trafficSince };
  }
}

class LatestRows {
  readonly #most: number;
  #rows: EvidenceRow[] = [];
  #since = -Infinity;

  constructor(most: number) {
    this.#most = most;
  }

  add(row: EvidenceRow): void {
    if (row.ts < this.#since) return;
    this.#rows.push(row);
    if (this.#rows.length >= this.#most * 2) this.#cut();
  }

  settle(): { since: number; kept: readonly EvidenceRow[] } {
    if (this.#rows.length > this.#most) this.#cut();
    return { since: this.#since, kept: this.#rows };
  }

  /** Those of one time stay or go together, so that it makes no difference in which order they came. */
  #cut(): void {
    const byAge = this.#rows.map(({ ts }) => ts).toSorted((left, right) => right - left);
    this.#since = (byAge[this.#most] ?? -Infinity) + 1;
    this.#rows = this.#rows.filter(({ ts }) => ts >= this.#since);
  }
}

/** Requests that sums may be made of: of older ones only those are there that somebody has judged. */
export function countable(
  rows: readonly EvidenceRow[],
  trafficSince: ReadonlyMap<string, number> | undefined,
): readonly EvidenceRow[] {
  if (trafficSince === undefined || trafficSince.size === 0) return rows;
  return rows.filter(({ route, ts }) => ts >= (trafficSince.get(route) ?? -Infinity));
}
