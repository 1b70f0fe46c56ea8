import type { RequestRecord } from "../records/index.ts";
import type { NumberCell } from "./cells.ts";
import type { ObjectivesObservation } from "./observation.ts";
import { outcomeOf } from "./outcome.ts";
import type { MetricRegistry } from "./registry.ts";

const objectives = ["first_token", "total", "cost"] as const;
type Objective = (typeof objectives)[number];

/** What a route promises, as metrics show it: seconds, seconds, USD and a share. */
export interface RoutePromise {
  route: string;
  objective: Objective | "quality";
  value: number;
  /** Of quality alone. */
  assurance?: "certified" | "estimated";
}

/** Has the gauges of what routes promise read whenever metrics are collected. */
export function watchPromises(registry: MetricRegistry, read: () => readonly RoutePromise[]): void {
  registry.readEach("switchyard.route.objective", () =>
    read().map(({ route, objective, value, assurance }) => ({
      value,
      labels: {
        "switchyard.route": route,
        "switchyard.objective": objective,
        ...(assurance === undefined ? {} : { "switchyard.assurance": assurance }),
      },
    })),
  );
}

interface Cells {
  kept: NumberCell;
  missed: NumberCell;
}

/**
 * Counts which requests kept what they were promised. No histogram can tell that: an objective lies
 * between two boundaries, is another one for each route, and changes.
 */
export class ObjectiveMetrics {
  readonly #registry: MetricRegistry;
  /** A group's routes are few. */
  readonly #cells = new Map<string, Cells>();

  constructor(registry: MetricRegistry) {
    this.#registry = registry;
  }

  add(record: RequestRecord, promised: ObjectivesObservation): void {
    if (record.route === null) return;
    for (const objective of objectives) {
      const kept = judgements[objective](record, promised);
      if (kept === undefined) continue;
      const cells = this.#cellsOf(record.route, objective);
      (kept ? cells.kept : cells.missed).add(1);
    }
  }

  #cellsOf(route: string, objective: Objective): Cells {
    const key = `${objective}\n${route}`;
    const found = this.#cells.get(key);
    if (found !== undefined) return found;
    const cell = (result: string) =>
      this.#registry.number("switchyard.objective.requests", {
        "switchyard.route": route,
        "switchyard.objective": objective,
        "switchyard.objective.result": result,
      });
    // Both at once: what grows from nothing to something between two scrapes would not be seen growing.
    const cells = { kept: cell("kept"), missed: cell("missed") };
    this.#cells.set(key, cells);
    return cells;
  }
}

/** Whether a promise was kept; undefined where there is none, or the request ended too soon to tell. */
type Judge = (record: RequestRecord, promised: ObjectivesObservation) => boolean | undefined;

const judgements: Readonly<Record<Objective, Judge>> = {
  first_token: (record, { firstTokenP95Ms: bound }) => {
    if (bound === undefined || !record.streaming) return undefined;
    return record.ttft_ms === null ? waited(record, bound) : record.ttft_ms <= bound;
  },
  total: (record, { totalP95Ms: bound }) => {
    if (bound === undefined) return undefined;
    return outcomeOf(record) === "answered" ? record.latency_ms <= bound : waited(record, bound);
  },
  cost: (record, { maxMicroUsd: bound }) => {
    if (bound === undefined || outcomeOf(record) !== "answered") return undefined;
    return record.cost_usd * 1_000_000 <= bound;
  },
};

/** Of a request without its answer: that its client left later than promised. What failed counts as that alone. */
const waited = (record: RequestRecord, bound: number): false | undefined =>
  record.client_aborted && record.latency_ms > bound ? false : undefined;
