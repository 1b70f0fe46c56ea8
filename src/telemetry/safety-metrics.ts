import type { HistogramCell, NumberCell } from "./cells.ts";
import type { RequestObservation, SafetyObservation } from "./observation.ts";
import type { Labels, MetricRegistry } from "./registry.ts";

interface Cells {
  verdicts: NumberCell;
  duration: HistogramCell;
}

/** Combinations of labels to remember; past it they are forgotten and looked up anew. */
const maxRemembered = 10_000;

/** Counts what safety filters made of requests, and how long they took. */
export class SafetyMetrics {
  readonly #registry: MetricRegistry;
  readonly #cells = new Map<string, Cells>();

  constructor(registry: MetricRegistry) {
    this.#registry = registry;
  }

  /** @param tenant as metrics tell tenants apart */
  add({ safety, record }: RequestObservation, tenant: string | null): void {
    for (const each of safety) {
      const { verdicts, duration } = this.#cellsOf(each, record.route, tenant);
      verdicts.add(1);
      duration.record(each.duration / 1_000);
    }
  }

  #cellsOf(
    { type, stage, action, failure }: SafetyObservation,
    route: string | null,
    tenant: string | null,
  ): Cells {
    const key = `${type}\n${stage}\n${action}\n${failure}\n${route}\n${tenant}`;
    const found = this.#cells.get(key);
    if (found !== undefined) return found;
    const looked = { "switchyard.filter.type": type, "switchyard.safety.stage": stage };
    const labels: Labels = { ...looked, "switchyard.safety.action": action };
    if (route !== null) labels["switchyard.route"] = route;
    if (tenant !== null) labels["switchyard.tenant"] = tenant;
    if (failure !== null) labels["switchyard.safety.failure"] = failure;
    const cells = {
      verdicts: this.#registry.number("switchyard.safety.verdicts", labels),
      duration: this.#registry.histogram("switchyard.safety.duration", looked),
    };
    if (this.#cells.size >= maxRemembered) this.#cells.clear();
    this.#cells.set(key, cells);
    return cells;
  }
}
