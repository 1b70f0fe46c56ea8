// Everything that leaves through OTLP, held against the table of names.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  makeLog,
  makeTelemetry,
  type RequestObservation,
  type SafetyObservation,
} from "../../../src/telemetry/index.ts";
import {
  events,
  metrics,
  operatorMetrics,
  schemaUrl,
  scopeName,
  spans,
} from "../../../src/telemetry/names.ts";
import {
  makeAttemptRecord,
  makeFallbackObservation,
  makeLabel,
  makeObservation,
  makeRecord,
} from "../../support/observations.ts";
import { checkAttributes, checkMetric, isRoot, specOf } from "../../support/names-table.ts";
import { type OtlpSink, plainAttributes, startOtlpSink } from "../../support/otlp-sink.ts";

const logLines: string[] = [];
const settings = {
  serviceName: "switchyard-router",
  serviceVersion: "0.1.0",
  instance: "router-1",
  namespace: "shop",
  routerClass: "default",
  log: makeLog({ output: { write: (line) => logLines.push(line) } }),
};

const redacted: SafetyObservation = {
  filter: "people",
  type: "Pii",
  owner: "tenant",
  stage: "input",
  action: "redact",
  failure: null,
  rules: ["pii/email"],
  offset: 1,
  duration: 0.1,
};
const unjudged: SafetyObservation = {
  ...redacted,
  filter: "company",
  type: "BedrockGuardrail",
  owner: "route",
  action: "allow",
  failure: "late",
  rules: [],
};
/** Leaves no span. */
const clean: SafetyObservation = { ...redacted, stage: "output", action: "allow", rules: [] };

/** One request of every sort that telemetry tells apart. */
function everySort(): RequestObservation[] {
  const embeddings = makeObservation({
    record: makeRecord({ operation: "embeddings", streaming: false, ttft_ms: null }),
  });
  const refused = makeObservation({
    record: makeRecord({
      attempts: [],
      route: null,
      tenant: null,
      status: 404,
      error_type: "model_not_found",
      request_model: "a name that nobody knows",
    }),
    routing: null,
    objectives: null,
    parameters: null,
    attempts: [],
  });
  const failed = makeFallbackObservation();
  failed.record.status = 502;
  failed.record.error_type = "internal";
  failed.record.envelope_missed = true;
  failed.record.attempts[1] = makeAttemptRecord({ kind: "fallback", error_type: "internal" });
  const hedged = makeFallbackObservation();
  hedged.record.attempts[0] = makeAttemptRecord({ status: null, error_type: "superseded" });
  hedged.record.attempts[1] = makeAttemptRecord({ kind: "hedge" });
  hedged.record.denied = "retry";
  const filtered = makeObservation({
    record: makeRecord({
      would_refuse: ["usd"],
      would_divert: ["residency"],
      limits: {
        action: "observe",
        exceeded: ["budget_day_usd"],
        refused_by: null,
        denied: null,
        reserved_usd: 0,
      },
    }),
    safety: [redacted, unjudged, clean],
  });
  const plan = {
    tenant: false,
    lambda: 120,
    rollout: "current" as const,
    certified: true,
    floor_percent: 80,
    lower_bound: 0.01,
    expires_at: null,
    kept: null,
    saved: null,
  };
  const golden = makeObservation({
    record: makeRecord({ arm: "golden", plan_digest: "0123abcd", plan }),
  });
  const shadow = makeObservation({
    record: makeRecord({ arm: "shadow", prompt_id: "req-0" }),
    original: { traceId: "f".repeat(32), spanId: "e".repeat(16) },
  });
  return [filtered, golden, shadow, makeFallbackObservation(), embeddings, refused, failed, hedged];
}

let sink: OtlpSink;

beforeEach(async () => {
  logLines.length = 0;
  sink = await startOtlpSink();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await sink.close();
});

async function exportEverySort(): Promise<void> {
  const telemetry = await makeTelemetry(settings);
  telemetry.tableLoaded({
    digest: "sha256:abc",
    loadedAt: Date.now(),
    routes: 2,
    backends: 3,
    tenants: 1,
    propagationMs: 120,
  });
  telemetry.tableConfirmed(performance.now());
  telemetry.tableRefused("digest_mismatch");
  telemetry.watchInFlight(() => 4);
  telemetry.watchDroppedRecords(() => 0);
  telemetry.watchBackends(() => [{ backend: "nova-lite", state: "open", inFlight: 3, queued: 1 }]);
  telemetry.backendEjected("nova-lite", "error_share");
  telemetry.requestShed("bodies");
  telemetry.callerRefused("unknown_key");
  telemetry.issuerKeysFetched("success");
  const judged = { span: { traceId: "a".repeat(32), spanId: "b".repeat(16) }, responseId: "aws-1" };
  telemetry.labelled(makeLabel({ route: "chat", backend: "nova", tenant: "acme" }), judged);
  telemetry.labelled(makeLabel({ source: "feedback", check: "client", score: 0 }), null);
  // More routes than a metric has room for.
  for (let route = 0; route <= 2_000; route += 1)
    telemetry.shadowEnded(`chat-${route}`, "answered");
  telemetry.shadowCompared("chat", "labelled");
  telemetry.answerScored({ route: "chat", tenant: "acme", roles: ["served"], score: 0.5 });
  const interval = { estimate: 0.97, lower: 0.95, upper: 0.99 };
  telemetry.watchPlans(() => [
    {
      route: "chat",
      tenant: null,
      kept: interval,
      saved: interval,
      rollouts: [{ rollout: "current", share: 0.9, expiresInSeconds: 3_600 }],
    },
  ]);
  telemetry.watchPromises(() => [
    { route: "chat", objective: "quality", value: 0.8, assurance: "certified" },
  ]);
  telemetry.watchDrift(() => [
    {
      route: "chat",
      backend: "nova-lite",
      tenant: "acme",
      signal: "latency",
      state: "drifted",
      score: 0.3,
      threshold: 0.2,
      samples: 1_200,
    },
  ]);
  telemetry.watchLimits(() => ({
    budgets: [{ tenant: "acme", limit: "budget_day_usd", used: 1.5, most: 10 }],
    reservations: 2,
    store: { isAway: false, unsettled: 0 },
  }));
  telemetry.storeCalled("reserve", 0.001, true);
  telemetry.settlementLost("expired");
  for (const observation of everySort()) telemetry.observe(observation);
  await telemetry.shutdown();
}

describe.each(["http/protobuf", "http/json"])("OTLP over %s", (protocol) => {
  beforeEach(() => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
  });

  it("exports only spans of the table, with kinds, names, parents and attributes as it says", async () => {
    await exportEverySort();
    const sent = sink.spans();
    expect(sent.map(({ name }) => name).toSorted()).toEqual(
      [
        ...Array.from({ length: 7 }, () => "POST /v1/chat/completions"),
        ...Array.from({ length: 6 }, () => "switchyard.route"),
        ...Array.from({ length: 2 }, () => "switchyard.safety"),
        ...Array.from({ length: 6 }, () => "chat amazon.nova-lite-v1:0"),
        "switchyard.shadow",
        ...Array.from({ length: 3 }, () => "chat llama-endpoint"),
        "embeddings amazon.nova-lite-v1:0",
      ].toSorted(),
    );
    for (const span of sent) {
      const spec = specOf(span);
      checkAttributes(span.name, span.attributes, spec);
      const parent = sent.find(({ spanId }) => spanId === (span.parentSpanId ?? ""));
      if (isRoot(spec.id)) expect(parent).toBeUndefined();
      else expect(spec.parent.split(", or ")).toContain(parent && specOf(parent).id);
      if (parent) {
        expect(parent.traceId).toBe(span.traceId);
        expect(BigInt(parent.startTimeUnixNano)).toBeLessThanOrEqual(
          BigInt(span.startTimeUnixNano),
        );
        expect(BigInt(parent.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.endTimeUnixNano));
      }
      const failed = span.attributes.some(({ key }) => key === "error.type");
      expect(span.status?.code ?? 0, span.name).toBe(failed ? 2 : 0);
    }
    const seen = new Set(sent.flatMap((span) => span.attributes.map(({ key }) => key)));
    const promised = Object.values(spans).flatMap((spec) => [...spec.required, ...spec.optional]);
    // Only a ratio that samples marks spans so.
    expect(promised.filter((name) => !seen.has(name))).toEqual(["switchyard.sampled_by"]);
    const scopes = sink.traces.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans),
    );
    expect(new Set(scopes.map(({ scope }) => scope.name))).toEqual(new Set([scopeName]));
    expect(new Set(scopes.map((each) => each.schemaUrl))).toEqual(new Set([schemaUrl]));
    expect(logLines).toEqual([]);
  });

  it("exports every metric of a router and no other, with unit, kind and labels as it says", async () => {
    await exportEverySort();
    const sent = sink.sentMetrics();
    const ofRouters = Object.keys(metrics).filter((name) => !Object.hasOwn(operatorMetrics, name));
    expect(new Set(sent.map(({ name }) => name))).toEqual(new Set(ofRouters));
    for (const metric of sent) checkMetric(metric);
  });

  it("exports each judgement as an event of the table, beside the span that it is of", async () => {
    await exportEverySort();
    const spec = events["gen_ai.evaluation.result"];
    const sent = sink.events();
    expect(sent.map(({ eventName }) => eventName)).toEqual(
      Array.from({ length: 2 }, () => "gen_ai.evaluation.result"),
    );
    for (const event of sent) checkAttributes(event.eventName, event.attributes, spec);
    expect(sent.map(({ traceId, spanId }) => [traceId ?? "", spanId ?? ""])).toEqual([
      ["a".repeat(32), "b".repeat(16)],
      ["", ""],
    ]);
    expect(plainAttributes(sent[0]?.attributes)).toMatchObject({
      "gen_ai.evaluation.name": "numeric",
      "gen_ai.evaluation.score.value": 1,
      "gen_ai.evaluation.score.label": "right",
      "gen_ai.response.id": "aws-1",
    });
    const seen = new Set(sent.flatMap(({ attributes: own }) => own.map(({ key }) => key)));
    const promised = [...spec.required, ...spec.optional];
    expect(promised.filter((name) => !seen.has(name))).toEqual([]);
  });

  it("tells who speaks, and nothing of the host or its processes", async () => {
    vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test");
    await exportEverySort();
    expect(sink.resources().length).toBeGreaterThan(1);
    for (const resource of sink.resources()) {
      expect(plainAttributes(resource)).toEqual({
        "service.name": "switchyard-router",
        "service.version": "0.1.0",
        "service.instance.id": "router-1",
        "switchyard.namespace": "shop",
        "switchyard.class": "default",
        "telemetry.sdk.language": "nodejs",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.version": expect.any(String),
        "deployment.environment.name": "test",
      });
    }
  });
});
