import type { LabelRecord, RequestRecord } from "../records/index.ts";
import { outcomeOf } from "./outcome.ts";
import type { Labels, MetricRegistry } from "./registry.ts";

/** Counts a judgement of an answer. */
export function countLabel(
  registry: MetricRegistry,
  { source, check, score, route, backend }: LabelRecord,
): void {
  const labels: Labels = {
    "switchyard.label.source": source,
    "switchyard.label.check": check,
    "switchyard.label.verdict": verdictOf(score),
    ...placeOf(route, backend),
  };
  registry.number("switchyard.labels", labels).add(1);
}

/** Counts a replay of a golden set, apart from what users ask. */
export function countGolden(registry: MetricRegistry, record: RequestRecord): void {
  const { route, attempts, cost_usd: cost } = record;
  const place = placeOf(route, attempts.at(-1)?.backend ?? null);
  const outcome = outcomeOf(record);
  registry.number("switchyard.golden.requests", { "switchyard.outcome": outcome, ...place }).add(1);
  registry.number("switchyard.golden.cost_usd", place).add(cost);
}

export function verdictOf(score: number): "right" | "partly" | "wrong" {
  if (score === 1) return "right";
  return score === 0 ? "wrong" : "partly";
}

function placeOf(route: string | null, backend: string | null): Labels {
  return {
    ...(route === null ? {} : { "switchyard.route": route }),
    ...(backend === null ? {} : { "switchyard.backend": backend }),
  };
}
