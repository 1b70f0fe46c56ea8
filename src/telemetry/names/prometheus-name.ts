import type { AttributeName } from "./attributes.ts";
import { type MetricName, metrics } from "./metrics.ts";

/** The name of a metric on `/metrics`; a histogram's series end in `_bucket`, `_sum` and `_count` besides. */
export function prometheusName(name: MetricName): string {
  const { kind } = metrics[name];
  return kind === "counter" ? `${withoutDots(name)}_total` : withoutDots(name);
}

/** The name of a label on `/metrics`. */
export const prometheusLabel = (name: AttributeName): string => withoutDots(name);

const withoutDots = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_]/g, "_");
