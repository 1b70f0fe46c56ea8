import { watchDrift, watchDriftAges, type DriftAge, type DriftReading } from "./drift-metrics.ts";
import { writeMetricsText } from "./metrics-text.ts";
import { MetricRegistry } from "./registry.ts";

/** What an operator tells of itself, by the same registry and writer as a router. */
export interface OperatorMetrics {
  /** A namespace is as its resources say, after so much time. */
  reconciled(seconds: number): void;
  /** It is not, and is tried again. */
  reconcileFailed(): void;
  tablePublished(): void;
  statusWritten(): void;
  /** So many groups could not be looked after the last time. */
  groupsFailing(count: number): void;
  /** So many namespaces are left to other operators. */
  namespacesLeft(count: number): void;
  /** Prometheus' text format. */
  text(): Promise<string>;
}

/**
 * @param readDrift what drift jobs have last found, of all groups
 * @param readDriftAges how long ago each of them looked
 */
export function makeOperatorMetrics(
  isLeading: () => boolean,
  readDrift: () => readonly DriftReading[] = () => [],
  readDriftAges: () => readonly DriftAge[] = () => [],
): OperatorMetrics {
  const registry = new MetricRegistry(Date.now());
  watchDrift(registry, () => (isLeading() ? readDrift() : []));
  watchDriftAges(registry, () => (isLeading() ? readDriftAges() : []));
  registry.read("switchyard.operator.leader", () => ({ value: isLeading() ? 1 : 0, labels: {} }));
  const durations = registry.histogram("switchyard.operator.reconcile.duration", {});
  const errors = registry.number("switchyard.operator.reconcile.errors", {});
  const tables = registry.number("switchyard.operator.tables.published", {});
  const statuses = registry.number("switchyard.operator.statuses.written", {});
  const failing = registry.number("switchyard.operator.groups.failing", {});
  const left = registry.number("switchyard.operator.namespaces.left", {});
  return {
    reconciled: (seconds) => durations.record(seconds),
    reconcileFailed: () => errors.add(1),
    tablePublished: () => tables.add(1),
    statusWritten: () => statuses.add(1),
    groupsFailing: (count) => void (failing.value = count),
    namespacesLeft: (count) => void (left.value = count),
    text: () => writeMetricsText(registry),
  };
}
