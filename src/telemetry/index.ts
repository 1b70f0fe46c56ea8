// What the outside is told of the running system. Owns the name of every span, attribute, metric and
// log key, and the recorders that write them. It is handed plain data about things that have ended:
// it knows no HTTP server, no provider, no table, and nothing waits for it.
export { watchDrift, type DriftAge, type DriftReading } from "./drift-metrics.ts";
export {
  type AttributeName,
  attributes,
  conventionsVersion,
  events,
  emfDimensions,
  emfMetrics,
  logKeys,
  metrics,
  type MetricName,
  type MetricSpec,
  prometheusLabel,
  prometheusName,
  spans,
} from "./names.ts";
export { emfLine } from "./emf.ts";
export type { ScoredAnswer } from "./arm-metrics.ts";
export type { BackendReading } from "./backend-metrics.ts";
export type { BudgetObservation, LimitsReading } from "./limit-metrics.ts";
export type {
  AnswerObservation,
  AttemptObservation,
  HttpObservation,
  ObjectivesObservation,
  ParametersObservation,
  RequestObservation,
  RoutingObservation,
  SafetyObservation,
  TraceIds,
} from "./observation.ts";
export { makeLog, type Log, type LogFields, type LogLevel, type LogSettings } from "./log.ts";
export { makeTelemetry } from "./make-telemetry.ts";
export { makeOperatorMetrics, type OperatorMetrics } from "./operator-metrics.ts";
export { outcomeOf, type OutcomeLabel } from "./outcome.ts";
export type { RoutePromise } from "./objective-metrics.ts";
export type { PlanReading } from "./plan-metrics.ts";
export type { TableLoaded, Telemetry, TelemetrySettings } from "./telemetry.ts";
