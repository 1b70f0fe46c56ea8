// An OTLP/HTTP backend: takes exports as JSON or protobuf and keeps what they say.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { decodeLogs, decodeMetrics, decodeTraces } from "./otlp-protobuf.ts";

export interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: number | string;
  doubleValue?: number;
  arrayValue?: { values?: AnyValue[] };
}

export interface KeyValue {
  key: string;
  value: AnyValue;
}

export interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  traceState?: string;
  name: string;
  kind: number;
  startTimeUnixNano: number | string;
  endTimeUnixNano: number | string;
  attributes: KeyValue[];
  status?: { code?: number; message?: string };
}

export interface SentPoint {
  attributes?: KeyValue[];
  asInt?: number | string;
  asDouble?: number;
  count?: number | string;
  sum?: number;
  scale?: number;
  bucketCounts?: (number | string)[];
  explicitBounds?: number[];
  zeroCount?: number | string;
  positive?: { offset?: number; bucketCounts?: (number | string)[] };
}

interface Points {
  dataPoints: SentPoint[];
  aggregationTemporality?: number;
  isMonotonic?: boolean;
}

export interface SentMetric {
  name: string;
  description: string;
  unit: string;
  gauge?: Points;
  sum?: Points;
  histogram?: Points;
  exponentialHistogram?: Points;
}

interface Resource {
  attributes: KeyValue[];
}
interface TraceExport {
  resourceSpans: {
    resource: Resource;
    scopeSpans: { scope: { name: string }; schemaUrl?: string; spans: SentSpan[] }[];
  }[];
}
interface MetricExport {
  resourceMetrics: {
    resource: Resource;
    scopeMetrics: { scope: { name: string }; schemaUrl?: string; metrics: SentMetric[] }[];
  }[];
}

export interface SentEvent {
  eventName: string;
  traceId?: string;
  spanId?: string;
  timeUnixNano: number | string;
  attributes: KeyValue[];
}
interface LogExport {
  resourceLogs: { scopeLogs: { logRecords: SentEvent[] }[] }[];
}

export interface OtlpSink {
  url: string;
  /** Everything that was posted, as text, for searching. */
  bodies: string[];
  headers: Record<string, unknown>[];
  traces: TraceExport[];
  metrics: MetricExport[];
  logs: LogExport[];
  /** Set to refuse, or never to answer. */
  mode: "accept" | "refuse" | "hang";
  spans: () => SentSpan[];
  events: () => SentEvent[];
  sentMetrics: () => SentMetric[];
  resources: () => KeyValue[][];
  close: () => Promise<void>;
}

export async function startOtlpSink(): Promise<OtlpSink> {
  const server = createServer((incoming, response) => {
    void (async () => {
      if (sink.mode === "hang") return;
      const sent = await buffer(incoming);
      const body = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
      sink.headers.push(incoming.headers);
      sink.bodies.push(body.toString("latin1"));
      const json = incoming.headers["content-type"] === "application/json";
      const decoded = json ? (JSON.parse(body.toString()) as unknown) : undefined;
      if (incoming.url === "/v1/traces") {
        sink.traces.push((decoded ?? decodeTraces(body)) as TraceExport);
      } else if (incoming.url === "/v1/logs") {
        sink.logs.push((decoded ?? decodeLogs(body)) as LogExport);
      } else {
        sink.metrics.push((decoded ?? decodeMetrics(body)) as MetricExport);
      }
      response.statusCode = sink.mode === "refuse" ? 400 : 200;
      response.end();
    })();
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const { port } = server.address() as AddressInfo;
  const sink: OtlpSink = {
    url: `http://127.0.0.1:${port}`,
    bodies: [],
    headers: [],
    traces: [],
    metrics: [],
    logs: [],
    mode: "accept",
    spans: () =>
      sink.traces.flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
    events: () =>
      sink.logs.flatMap(({ resourceLogs }) =>
        resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)),
      ),
    sentMetrics: () =>
      sink.metrics.flatMap(({ resourceMetrics }) =>
        resourceMetrics.flatMap(({ scopeMetrics }) =>
          scopeMetrics.flatMap(({ metrics }) => metrics),
        ),
      ),
    resources: () => [
      ...sink.traces.flatMap(({ resourceSpans }) =>
        resourceSpans.map(({ resource }) => resource.attributes),
      ),
      ...sink.metrics.flatMap(({ resourceMetrics }) =>
        resourceMetrics.map(({ resource }) => resource.attributes),
      ),
    ],
    close: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
  return sink;
}

const plainValue = (value: AnyValue): unknown =>
  value.arrayValue
    ? (value.arrayValue.values ?? []).map(plainValue)
    : (value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue));

export const plainAttributes = (attributes: readonly KeyValue[] = []): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
