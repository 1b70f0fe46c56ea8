// What the standard variables decide, seen from the backend's side.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  makeLog,
  makeTelemetry,
  type RequestObservation,
  type TraceIds,
} from "../../../src/telemetry/index.ts";
import {
  makeAttemptRecord,
  makeFallbackObservation,
  makeObservation,
  makeRecord,
} from "../../support/observations.ts";
import { type OtlpSink, plainAttributes, startOtlpSink } from "../../support/otlp-sink.ts";

const logLines: string[] = [];
let sink: OtlpSink;

const make = () =>
  makeTelemetry({
    serviceName: "switchyard-router",
    serviceVersion: "0.1.0",
    instance: "router-1",
    namespace: "shop",
    routerClass: "default",
    slowMs: 5_000,
    log: makeLog({ output: { write: (line) => logLines.push(line) } }),
  });

async function observeAll(observations: readonly RequestObservation[]): Promise<TraceIds[]> {
  const telemetry = await make();
  const ids = observations.map((observation) => telemetry.observe(observation));
  await telemetry.shutdown();
  return ids;
}

const calledWith = (traceparent: string | null, tracestate: string | null = null) => {
  const observation = makeObservation();
  return makeObservation({ http: { ...observation.http, traceparent, tracestate } });
};

const serverSpans = () => sink.spans().filter(({ kind }) => kind === 2);

beforeEach(async () => {
  logLines.length = 0;
  sink = await startOtlpSink();
  vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json");
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await sink.close();
});

describe("without an exporter", () => {
  it("sends nothing, complains of nothing, and still has ids and metrics", async () => {
    const telemetry = await make();
    const ids = telemetry.observe(makeObservation());
    expect(ids.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(ids.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(await telemetry.metricsText()).toContain("switchyard_requests_total{");
    await telemetry.shutdown();
    expect(logLines).toEqual([]);
  });

  it.each([
    ["OTEL_SDK_DISABLED", "true"],
    ["OTEL_TRACES_EXPORTER", "none"],
  ])("sends no spans with %s=%s", async (name, value) => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
    vi.stubEnv(name, value);
    await observeAll([makeObservation()]);
    expect(sink.spans()).toEqual([]);
    expect(sink.sentMetrics().length > 0).toBe(name !== "OTEL_SDK_DISABLED");
  });
});

describe.each(["http/json", "http/protobuf"])("with an OTLP endpoint for %s", (protocol) => {
  beforeEach(() => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
  });

  it("continues the caller's trace, its state included", async () => {
    const [ids] = await observeAll([
      calledWith("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1"),
    ]);
    expect(ids?.traceId).toBe("0af7651916cd43dd8448eb211c80319c");
    const [server] = serverSpans();
    expect(server).toMatchObject({
      traceId: ids?.traceId,
      spanId: ids?.spanId,
      parentSpanId: "b7ad6b7169203331",
      traceState: "vendor=1",
    });
  });

  it.each([
    "",
    "00-zz",
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "x".repeat(9_000),
  ])("starts a trace of its own where traceparent is %j", async (traceparent) => {
    const [ids] = await observeAll([calledWith(traceparent)]);
    expect(ids?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(serverSpans()[0]?.parentSpanId ?? "").toBe("");
  });

  it("leaves out what the caller does not sample, but gives its trace id", async () => {
    const [ids] = await observeAll([
      calledWith("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"),
    ]);
    expect(ids?.traceId).toBe("0af7651916cd43dd8448eb211c80319c");
    expect(sink.spans()).toEqual([]);
  });

  it("sends the headers that the variables name", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=acme");
    await observeAll([makeObservation()]);
    expect(sink.headers.every((headers) => headers["x-tenant"] === "acme")).toBe(true);
  });

  it("keeps errors, fallbacks and slow requests where a ratio drops nearly all, and marks them", async () => {
    vi.stubEnv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio");
    vi.stubEnv("OTEL_TRACES_SAMPLER_ARG", "0.000000001");
    await observeAll([
      makeObservation(),
      makeFallbackObservation(),
      makeObservation({ record: makeRecord({ status: 502, error_type: "internal" }) }),
      makeObservation({ record: makeRecord({ error_type: "stream_broken" }) }),
      makeObservation({ record: makeRecord({ latency_ms: 5_001 }) }),
      makeObservation({ record: makeRecord({ status: 404, error_type: "model_not_found" }) }),
    ]);
    const kept = serverSpans().map(({ attributes }) => plainAttributes(attributes));
    expect(kept.map((each) => each["switchyard.sampled_by"])).toEqual(
      Array.from({ length: 4 }, () => "outcome"),
    );
  });

  it.each(["always_off", "parentbased_always_off"])("keeps nothing with %s", async (sampler) => {
    vi.stubEnv("OTEL_TRACES_SAMPLER", sampler);
    await observeAll([makeObservation(), makeFallbackObservation()]);
    expect(sink.spans()).toEqual([]);
  });

  it("counts only what is new where differences are wanted", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta");
    vi.stubEnv("OTEL_METRIC_EXPORT_INTERVAL", "20");
    const telemetry = await make();
    const arrived = (count: number) =>
      vi.waitFor(() => expect(sink.metrics.length).toBeGreaterThanOrEqual(count), {
        timeout: 5_000,
      });
    telemetry.observe(makeObservation());
    await arrived(1);
    telemetry.observe(makeObservation());
    telemetry.observe(makeObservation());
    await arrived(sink.metrics.length + 2);
    await telemetry.shutdown();
    const added = (name: string) =>
      sink
        .sentMetrics()
        .filter((metric) => metric.name === name)
        .flatMap((metric) => (metric.sum ?? metric.exponentialHistogram)?.dataPoints ?? [])
        .reduce((sum, point) => sum + Number(point.asInt ?? point.count), 0);
    expect(added("switchyard.requests")).toBe(3);
    expect(added("gen_ai.server.request.duration")).toBe(3);
  });

  it("never lets what a request said through", async () => {
    const planted = "PLANTED-CONTENT";
    const observation = makeObservation({
      record: makeRecord({
        route: null,
        request_model: planted,
        attempts: [makeAttemptRecord()],
        status: 404,
        error_type: "model_not_found",
      }),
    });
    Object.assign(observation, { messages: [planted], body: planted });
    Object.assign(observation.record, { prompt: planted, answer: planted });
    const telemetry = await make();
    telemetry.observe(observation);
    const text = await telemetry.metricsText();
    await telemetry.shutdown();
    expect(sink.bodies.join("\n")).not.toContain(planted);
    expect(sink.spans().length).toBeGreaterThan(0);
    expect(text).not.toContain(planted);
    expect(logLines.join("\n")).not.toContain(planted);
  });

  it("sends every span of a burst when it is shut down", async () => {
    await observeAll(Array.from({ length: 5_000 }, () => makeObservation()));
    expect(new Set(sink.spans().map(({ spanId }) => spanId)).size).toBe(15_000);
    expect(logLines).toEqual([]);
  });

  it("says once that a backend refuses, and goes on", async () => {
    sink.mode = "refuse";
    vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "5");
    vi.stubEnv("OTEL_METRICS_EXPORTER", "none");
    const telemetry = await make();
    for (let round = 1; round <= 3; round += 1) {
      telemetry.observe(makeObservation());
      await vi.waitFor(() => expect(sink.traces).toHaveLength(round), { timeout: 5_000 });
    }
    await telemetry.shutdown();
    expect(logLines.filter((line) => line.includes("Exporting telemetry failed"))).toHaveLength(1);
  });

  it("gives up on a backend that hangs when it is shut down, and says so", async () => {
    sink.mode = "hang";
    const telemetry = await make();
    telemetry.observe(makeObservation());
    await Promise.all([telemetry.shutdown(), telemetry.shutdown()]);
    expect(logLines.filter((line) => line.includes("Giving up"))).toHaveLength(1);
  });

  it("names what it does not know, and goes on with what it does", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    vi.stubEnv("OTEL_TRACES_SAMPLER", "sometimes");
    vi.stubEnv("OTEL_METRICS_EXPORTER", "statsd");
    await observeAll([makeObservation()]);
    expect(sink.spans()).toHaveLength(3);
    expect(logLines.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual([
      "grpc",
      "statsd",
      "grpc",
      "sometimes",
    ]);
  });
});
