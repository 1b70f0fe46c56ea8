import type { RequestRecord } from "../records/index.ts";
import type { NumberCell } from "./cells.ts";
import type { Labels, MetricRegistry } from "./registry.ts";

/** Counts why first candidates were chosen, and by which plan. */
export class ChoiceMetrics {
  readonly #registry: MetricRegistry;
  /** Reasons, rollouts and a group's routes are few. */
  readonly #cells = new Map<string, NumberCell>();

  constructor(registry: MetricRegistry) {
    this.#registry = registry;
  }

  add({ choice_reason: reason, plan, route }: RequestRecord): void {
    if (reason === null || route === null) return;
    const rollout = plan?.rollout ?? "";
    const key = `${reason}\n${rollout}\n${route}`;
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      const labels: Labels = { "switchyard.reason": reason, "switchyard.route": route };
      if (rollout !== "") labels["switchyard.plan.rollout"] = rollout;
      cell = this.#registry.number("switchyard.choices", labels);
      this.#cells.set(key, cell);
    }
    cell.add(1);
  }
}
