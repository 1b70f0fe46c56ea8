import type { LabelRecord } from "../records/index.ts";
import type { ScoredAnswer } from "./arm-metrics.ts";
import type { BackendReading } from "./backend-metrics.ts";
import type { LimitsReading } from "./limit-metrics.ts";
import type { Log } from "./log.ts";
import type { RoutePromise } from "./objective-metrics.ts";
import type { AnswerObservation, RequestObservation, TraceIds } from "./observation.ts";
import type { DriftReading } from "./drift-metrics.ts";
import type { PlanReading } from "./plan-metrics.ts";

export interface TelemetrySettings {
  /** `service.name` unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` says otherwise. */
  serviceName: string;
  serviceVersion: string;
  /** `service.instance.id`: the pod's name, or something as unique. */
  instance: string;
  /** The group's, on metrics as resource attributes. */
  namespace: string;
  routerClass: string;
  /** How many tenants metrics tell apart before the rest become `other`; 100 unless told. */
  maxTenants?: number;
  /** Requests slower than this are kept where a ratio samples; 10,000 unless told. */
  slowMs?: number;
  log: Log;
}

export interface TableLoaded {
  digest: string;
  /** When the table was adopted, in milliseconds since the Unix epoch. */
  loadedAt: number;
  routes: number;
  backends: number;
  tenants: number;
  /** Milliseconds from its publication; null where it was published before this router was there, or nobody says when. */
  propagationMs: number | null;
}

/** The telemetry of one router process. Nothing here throws or waits on the path of a request. */
export interface Telemetry {
  /** Writes spans and metrics of a request that has ended; tells its place in the trace for the record. */
  observe(observation: RequestObservation): TraceIds;
  /** A new table has been adopted. */
  tableLoaded(table: TableLoaded): void;
  /** The source said at that time (by `performance.now()`) that the table in use is the one published. */
  tableConfirmed(at: number): void;
  /** A table was refused and the old one kept; `reason` is a short code, never free text. */
  tableRefused(reason: string): void;
  /** Asked for the number of requests under way whenever metrics are collected. */
  watchInFlight(read: () => number): void;
  /** Asked for the number of records dropped since the start. */
  watchDroppedRecords(read: () => number): void;
  /** Asked for the state of every backend of the table in use whenever metrics are collected. */
  watchBackends(read: () => readonly BackendReading[]): void;
  /** A backend was ejected from all chains; `reason` is a short code. */
  backendEjected(backend: string, reason: string): void;
  /** Asked how things stand with tenants' limits whenever metrics are collected. */
  watchLimits(read: () => LimitsReading): void;
  /** The store of limits was asked something, a short word, and took so many seconds. */
  storeCalled(operation: string, seconds: number, failed: boolean): void;
  /** A settlement was given up; `reason` is a short code. */
  settlementLost(reason: string): void;
  /** A request was refused unread because there was too much of what `reason` names, a short code. */
  requestShed(reason: string): void;
  /** What became of the shadow that a request was drawn for, in a short code. */
  shadowEnded(route: string, outcome: string): void;
  /** What came of comparing a shadow's answer, in a short code. */
  shadowCompared(route: string, outcome: string): void;
  /** An answer was compared with another one to the same request. */
  answerScored(answer: ScoredAnswer): void;
  /** Asked for the plans of the table in use whenever metrics are collected. */
  watchPlans(read: () => readonly PlanReading[]): void;
  /** What the last look for drift found, where this process knows. */
  watchDrift(read: () => readonly DriftReading[]): void;
  /** Asked for what the routes of the table in use promise whenever metrics are collected. */
  watchPromises(read: () => readonly RoutePromise[]): void;
  /** A caller was not let in; `reason` is a short code, finer than the error's. */
  callerRefused(reason: string): void;
  /** An answer was judged; null where this router does not know which. */
  labelled(label: LabelRecord, answer: AnswerObservation | null): void;
  /** The keys of a token issuer were fetched, or could not be. */
  issuerKeysFetched(outcome: "success" | "error"): void;
  /** Prometheus' text format 0.0.4, for `/metrics`. */
  metricsText(): Promise<string>;
  /** Exports what is left and frees all; takes five seconds at most, and never rejects. */
  shutdown(): Promise<void>;
}
