// What a running router tells of its requests: span trees, trace ids, and nothing of what was said.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { RequestRecord } from "../../../src/records/index.ts";
import { spans } from "../../../src/telemetry/names.ts";
import { backendOf, routeOf, tenantOf } from "../../support/local-resources.ts";
import {
  plainAttributes,
  startOtlpSink,
  type OtlpSink,
  type SentSpan,
} from "../../support/otlp-sink.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const key = "sy_planted-key-of-acme";
const planted = "planted-words-of-the-client";
const caller = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const traceparent = (flags: string): string => `00-${caller.traceId}-${caller.spanId}-${flags}`;

let sink: OtlpSink;
let local: Local;
let metricsText = "";
const answers: string[] = [];

/** A request of each sort, by name. */
const records = new Map<string, RequestRecord>();

interface Asking {
  model?: string;
  stream?: boolean;
  headers?: Record<string, string>;
  body?: object;
}

async function post(
  { model = "both", stream = false, headers = {}, body = {} }: Asking,
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${local.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({
      model,
      stream,
      user: `${planted}-user`,
      messages: [
        { role: "system", content: `${planted}-system` },
        { role: "user", content: `${planted}-user-message: tell me a story` },
      ],
      tools: [
        {
          type: "function",
          function: {
            name: "look_up",
            description: `${planted}-tool`,
            parameters: { type: "object", properties: {} },
          },
        },
      ],
      ...body,
    }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function ask(name: string, asking: Asking = {}): Promise<void> {
  const response = await post(asking);
  answers.push(await response.text());
  records.set(name, await local.records.of(response.headers.get("x-switchyard-request-id")));
}

async function leave(name: string): Promise<void> {
  local.simulator.faults.set({ model: "*", kind: "stall", count: 1 });
  const leaving = new AbortController();
  const response = await post({ stream: true }, leaving.signal);
  await response.body?.getReader().read();
  leaving.abort();
  records.set(name, await local.records.of(response.headers.get("x-switchyard-request-id")));
}

beforeAll(async () => {
  sink = await startOtlpSink();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
  local = await startLocal({
    resources: [
      backendOf("micro"),
      backendOf("container"),
      backendOf("titan"),
      routeOf("both", ["micro", "container"]),
      routeOf("closed", ["micro"], { access: "Tenants" }),
      routeOf("vectors", ["titan"], { type: "Embeddings" }),
      routeOf("filtered", ["micro"], {
        safety: [
          {
            name: "words",
            type: "WordList",
            action: "Redact",
            wordList: { words: [planted], wholeWords: false },
          },
        ],
      }),
      tenantOf("acme", key),
    ],
  });
  const { faults } = local.simulator;
  await ask("answer", { headers: { traceparent: traceparent("01"), tracestate: "vendor=1" } });
  await ask("stream", { stream: true });
  await ask("tenant", { model: "closed", headers: { authorization: `Bearer ${key}` } });
  await ask("filtered", { model: "filtered" });
  await ask("malformed trace", { headers: { traceparent: "00-zero-one-01" } });
  await ask("unsampled", { headers: { traceparent: traceparent("00") } });
  await ask("refused", { model: `${"x".repeat(20)}-nobody` });
  await ask("wrong key", {
    model: "closed",
    headers: { authorization: "Bearer sy_planted-wrong-key" },
  });
  await ask("bad request", {
    body: { messages: [{ role: "user", content: [{ type: "video", video: planted }] }] },
  });
  faults.set({ model: "amazon.nova-micro-v1:0", kind: "throttling", count: 1 });
  await ask("fallback", { stream: true });
  faults.set({ model: "*", kind: "access-denied", count: 2 });
  await ask("error");
  faults.set({ model: "amazon.nova-micro-v1:0", kind: "cut", count: 1, afterFrames: 3 });
  await ask("broken stream", { stream: true });
  await leave("abort");
  const vectors = await fetch(`${local.url}/v1/embeddings`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "vectors", input: `${planted}-input` }),
  });
  await vectors.text();
  records.set("vectors", await local.records.of(vectors.headers.get("x-switchyard-request-id")));
  metricsText = await (await fetch(`${local.adminUrl}/metrics`)).text();
  await local.stop();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await sink.close();
});

const recordOf = (name: string): RequestRecord => records.get(name)!;

function spansOf(name: string): {
  request: SentSpan;
  route: SentSpan | undefined;
  attempts: SentSpan[];
} {
  const { span_id: id } = recordOf(name);
  const all = sink.spans();
  const request = all.find(({ spanId }) => spanId === id)!;
  const route = all.find(({ parentSpanId }) => parentSpanId === id);
  const attempts =
    route === undefined ? [] : all.filter(({ parentSpanId }) => parentSpanId === route.spanId);
  const byNumber = (span: SentSpan) =>
    Number(plainAttributes(span.attributes)["switchyard.attempt.number"]);
  return {
    request,
    route,
    attempts: attempts.toSorted((left, right) => byNumber(left) - byNumber(right)),
  };
}

const attributesOf = (span: SentSpan | undefined): Record<string, unknown> =>
  plainAttributes(span?.attributes);

const sampled = [
  "answer",
  "stream",
  "tenant",
  "malformed trace",
  "refused",
  "wrong key",
  "bad request",
  "fallback",
  "error",
  "broken stream",
  "abort",
  "vectors",
];

describe("the span tree of a request", () => {
  it.each(sampled)("hangs together, in one trace with its record (%s)", (name) => {
    const { request, route, attempts } = spansOf(name);
    const { trace_id: traceId, attempts: recorded } = recordOf(name);
    expect(request.kind).toBe(2);
    expect(attempts).toHaveLength(recorded.length);
    for (const span of [request, route, ...attempts]) {
      if (span === undefined) continue;
      expect(span.traceId).toBe(traceId);
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
      expect(BigInt(span.startTimeUnixNano)).toBeGreaterThanOrEqual(
        BigInt(request.startTimeUnixNano),
      );
      expect(BigInt(span.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(request.endTimeUnixNano));
    }
  });

  it.each(sampled)("says of the request what its record says (%s)", (name) => {
    const { request, route, attempts } = spansOf(name);
    const record = recordOf(name);
    expect(attributesOf(request)).toMatchObject({
      "http.request.method": "POST",
      "http.response.status_code": record.status,
      "http.request.body.size": record.bytes_in,
      "http.response.body.size": record.bytes_out,
      "switchyard.request.id": record.request_id,
    });
    if (record.route !== null && route !== undefined) {
      expect(attributesOf(route)).toMatchObject({
        "switchyard.route": record.route,
        "switchyard.table.digest": record.table_digest,
      });
    }
    for (const [index, { backend, kind, error_type: code }] of record.attempts.entries()) {
      const told = attributesOf(attempts[index]);
      expect(told).toMatchObject({
        "switchyard.backend": backend,
        "switchyard.attempt.kind": kind,
      });
      expect(told["error.type"] ?? told["switchyard.attempt.cancelled"] ?? null).toBe(code);
    }
  });

  it("holds only attributes of the table", () => {
    // Nothing is measured here.
    const { measured: _, ...ofRequests } = spans;
    for (const [name, spec] of Object.entries(ofRequests)) {
      const known: readonly string[] = [...spec.required, ...spec.optional];
      const kind = { request: 2, route: 1, safety: 1, attempt: 3 }[name];
      const sent = sink
        .spans()
        .filter((span) => span.kind === kind && (kind !== 1 || span.name === spec.name));
      expect(sent.length).toBeGreaterThan(0);
      for (const span of sent) {
        const keys = span.attributes.map((each) => each.key);
        expect(keys.filter((each) => !known.includes(each))).toEqual([]);
        expect(spec.required.filter((each) => !keys.includes(each))).toEqual([]);
      }
    }
  });

  it.each<[string, string, (string | undefined)[]]>([
    ["answer", "answered", [undefined]],
    ["stream", "answered", [undefined]],
    ["fallback", "answered", ["throttled", undefined]],
    ["error", "failed", ["access_denied", "access_denied"]],
    ["broken stream", "failed", ["stream_broken"]],
    ["abort", "aborted", [undefined]],
    ["refused", "refused", []],
    ["vectors", "answered", [undefined]],
  ])("of %s ends as %s with attempts that failed by %j", (name, outcome, codes) => {
    const { request, attempts } = spansOf(name);
    expect(attributesOf(request)["switchyard.outcome"]).toBe(outcome);
    expect(attempts.map((span) => attributesOf(span)["error.type"])).toEqual(codes);
  });

  it("names both services of a fallback, and the AWS request of each attempt", () => {
    const { attempts, route } = spansOf("fallback");
    expect(attempts.map((span) => attributesOf(span)["gen_ai.provider.name"])).toEqual([
      "aws.bedrock",
      "aws.sagemaker",
    ]);
    const calls = new Set(local.simulator.calls().map(({ requestId }) => requestId));
    for (const span of attempts)
      expect(calls.has(String(attributesOf(span)["aws.request_id"]))).toBe(true);
    expect(attributesOf(route)["switchyard.fallback.reason"]).toBe("RateLimited");
  });

  it("times the first content of a stream, and only of a stream", () => {
    const firstChunk = (name: string) =>
      attributesOf(spansOf(name).attempts.at(-1))["gen_ai.response.time_to_first_chunk"];
    expect(firstChunk("stream")).toBeGreaterThan(0);
    expect(firstChunk("answer")).toBeUndefined();
  });
});

describe("the caller's trace", () => {
  it("is continued", () => {
    const { request } = spansOf("answer");
    expect(request.traceId).toBe(caller.traceId);
    expect(request.parentSpanId).toBe(caller.spanId);
    expect(request.traceState).toBe("vendor=1");
    expect(recordOf("answer").trace_id).toBe(caller.traceId);
  });

  it("is not taken where it is malformed", () => {
    const { request } = spansOf("malformed trace");
    expect(request.parentSpanId ?? "").toBe("");
    expect(recordOf("malformed trace").trace_id).toMatch(/^[0-9a-f]{32}$/);
  });

  it("that is not sampled leaves no span, and its id in the record all the same", () => {
    const { trace_id: traceId, span_id: spanId } = recordOf("unsampled");
    expect(traceId).toBe(caller.traceId);
    expect(spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(sink.spans().filter((span) => span.spanId === spanId)).toEqual([]);
  });

  it("is each request's own where nobody gave one", () => {
    const own = sampled.filter((name) => name !== "answer").map((name) => recordOf(name).trace_id);
    expect(new Set(own).size).toBe(own.length);
  });
});

describe("what was said", () => {
  /** A piece of every answer that is long enough to be told from chance. */
  const said = (): string[] =>
    answers.flatMap((text) =>
      [...text.matchAll(/"content":"([^"\\]{25,})/g)].map((match) => match[1]!.slice(0, 25)),
    );

  it("stands nowhere in spans, metrics, records or logs", () => {
    const told = [
      ...sink.bodies,
      metricsText,
      ...local.log,
      JSON.stringify(local.records.all),
    ].join("\n");
    expect(told).toContain(recordOf("answer").request_id);
    expect(said().length).toBeGreaterThan(0);
    for (const words of [planted, ...said(), "planted-key", "planted-wrong-key", "look_up"]) {
      expect(told, words).not.toContain(words);
    }
  });

  it("makes the router write nothing to its log", () => {
    expect(local.log).toEqual([]);
  });
});
