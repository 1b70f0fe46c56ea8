import { countComparison, countMeasured, countScore, countShadow } from "./arm-metrics.ts";
import { countEjection, watchBackends } from "./backend-metrics.ts";
import { exporterFor } from "./export-settings.ts";
import type { SpanExport } from "./exporting.ts";
import type { LabelExport } from "./label-events.ts";
import { countGolden, countLabel } from "./label-metrics.ts";
import { countLoss, countStoreCall, watchLimits } from "./limit-metrics.ts";
import { writeMetricsText } from "./metrics-text.ts";
import { watchPromises } from "./objective-metrics.ts";
import type { RequestObservation, TraceIds } from "./observation.ts";
import { watchDrift } from "./drift-metrics.ts";
import { watchPlans } from "./plan-metrics.ts";
import { quietDiagnostics } from "./quiet-diagnostics.ts";
import { MetricRegistry } from "./registry.ts";
import { RequestMetrics } from "./request-metrics.ts";
import { watchTable } from "./table-metrics.ts";
import type { Telemetry, TelemetrySettings } from "./telemetry.ts";
import { newSpanId, newTraceId, parentContext } from "./trace-context.ts";

const shutdownLimitMs = 5_000;

type Trace = (observation: RequestObservation) => TraceIds;

/**
 * Starts telemetry. The standard `OTEL_*` variables decide what is exported, whither, and how traces
 * are sampled; `OTEL_SDK_DISABLED` turns exports off. Without an exporter nothing is sent and nothing
 * complains, and `/metrics` works all the same.
 */
export async function makeTelemetry(settings: TelemetrySettings): Promise<Telemetry> {
  const registry = new MetricRegistry(Date.now());
  const maxTenants = settings.maxTenants ?? 100;
  const requests = new RequestMetrics(registry, maxTenants);
  const table = watchTable(registry);
  const { trace, labels, shutdown } = await openExports(settings, registry);
  return {
    observe: (observation) => {
      // What nobody asked for would be taken for traffic.
      if (observation.record.arm === "golden") countGolden(registry, observation.record);
      else if (observation.original !== null) countMeasured(registry, observation.record);
      else requests.record(observation);
      return trace(observation);
    },
    tableLoaded: table.loaded,
    tableConfirmed: table.confirmed,
    tableRefused: table.refused,
    watchInFlight: (read) =>
      registry.read("switchyard.requests.active", () => ({ value: read(), labels: {} })),
    watchDroppedRecords: (read) =>
      registry.read("switchyard.records.dropped", () => ({ value: read(), labels: {} })),
    watchBackends: (read) => watchBackends(registry, read),
    backendEjected: (backend, reason) => countEjection(registry, backend, reason),
    watchLimits: (read) => watchLimits(registry, maxTenants, read),
    storeCalled: (operation, seconds, failed) =>
      countStoreCall(registry, operation, seconds, failed),
    settlementLost: (reason) => countLoss(registry, reason),
    requestShed: (reason) =>
      registry.number("switchyard.requests.shed", { "switchyard.shed.reason": reason }).add(1),
    shadowEnded: (route, outcome) => countShadow(registry, route, outcome),
    shadowCompared: (route, outcome) => countComparison(registry, route, outcome),
    answerScored: (answer) => countScore(registry, answer, requests.labelOf(answer.tenant)),
    watchDrift: (read) => watchDrift(registry, read),
    watchPlans: (read) => watchPlans(registry, (tenant) => requests.knows(tenant), read),
    watchPromises: (read) => watchPromises(registry, read),
    callerRefused: (reason) =>
      registry.number("switchyard.callers.refused", { "switchyard.refusal": reason }).add(1),
    labelled: (label, answer) => {
      countLabel(registry, label);
      labels?.add(label, answer);
    },
    issuerKeysFetched: (outcome) =>
      registry
        .number("switchyard.issuer_keys.fetches", { "switchyard.fetch.outcome": outcome })
        .add(1),
    metricsText: () => writeMetricsText(registry),
    shutdown,
  };
}

interface Exports {
  trace: Trace;
  /** Null where judgements are not exported. */
  labels: LabelExport | null;
  shutdown: () => Promise<void>;
}

async function openExports(
  settings: TelemetrySettings,
  registry: MetricRegistry,
): Promise<Exports> {
  const traces = exporterFor("traces", settings.log);
  const metrics = exporterFor("metrics", settings.log);
  const logs = exporterFor("logs", settings.log);
  if ([traces, metrics, logs].every((name) => name === "none")) {
    return { trace: idsOf, labels: null, shutdown: () => Promise.resolve() };
  }
  quietDiagnostics(settings.log);
  const [{ makeResource }, exporting, { openLabelExport }] = await Promise.all([
    import("./resource.ts"),
    import("./exporting.ts"),
    import("./label-events.ts"),
  ]);
  const resource = makeResource(settings);
  const spans = await exporting.openSpanExport(traces, resource);
  const meters = await exporting.openMetricExport(metrics, registry, resource);
  const labels = await openLabelExport(logs, resource);
  return {
    trace: spans === null ? idsOf : await makeTrace(settings, spans),
    labels,
    shutdown: once(() => closeWithin(shutdownLimitMs, [spans, meters, labels], settings)),
  };
}

/** The place in the trace of a request whose spans go nowhere. */
const idsOf: Trace = ({ http, original }) => ({
  traceId:
    (original === null ? parentContext(http.traceparent, null)?.traceId : null) ?? newTraceId(),
  spanId: newSpanId(),
});

async function makeTrace(settings: TelemetrySettings, spans: SpanExport): Promise<Trace> {
  const { makeSample } = await import("./sampling.ts");
  const sample = makeSample(settings.slowMs ?? 10_000, settings.log);
  const traceMeasured = (observation: RequestObservation, original: TraceIds) => {
    const ids = { traceId: newTraceId(), spanId: newSpanId() };
    // As the sampler's ratio decided for the trace that it links to: one without the other tells little.
    if (sample(observation.record, original.traceId, undefined) !== "dropped")
      spans.add(observation, { ids, parent: undefined, keptByOutcome: false });
    return ids;
  };
  return (observation) => {
    const { http, record, original } = observation;
    if (original !== null) return traceMeasured(observation, original);
    const parent = parentContext(http.traceparent, http.tracestate);
    const ids = { traceId: parent?.traceId ?? newTraceId(), spanId: newSpanId() };
    const sampling = sample(record, ids.traceId, parent);
    if (sampling === "dropped") return ids;
    spans.add(observation, { ids, parent, keptByOutcome: sampling === "keptByOutcome" });
    return ids;
  };
}

interface Closable {
  shutdown(): Promise<void>;
}

async function closeWithin(
  ms: number,
  parts: readonly (Closable | null)[],
  { log }: TelemetrySettings,
): Promise<void> {
  const closing = Promise.allSettled(parts.map((part) => part?.shutdown() ?? Promise.resolve()));
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const timer = setTimeout(() => resolve("late"), ms);
  const first = await Promise.race([closing, late]);
  clearTimeout(timer);
  if (first === "late")
    return log.warn("Giving up on exporting the last telemetry", { duration_ms: ms });
  for (const result of first) {
    if (result.status === "rejected")
      log.warn("Exporting the last telemetry failed", { error: result.reason });
  }
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= act());
}
