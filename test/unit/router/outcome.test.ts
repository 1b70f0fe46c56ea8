// Wherever a request may end, it leaves one valid record and one observation that agree with what the client saw.
import { hash } from "node:crypto";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ProviderError } from "../../../src/providers/index.ts";
import { requestRecordSchema, type RequestRecord } from "../../../src/records/index.ts";
import { startRouter, type RunningRouter } from "../../../src/router/index.ts";
import type { RoutingTable } from "../../../src/table/index.ts";
import {
  answerFrames,
  frames,
  makeParts,
  reply,
  settings,
  usage,
  type FakeParts,
  type Script,
} from "../../support/router-parts.ts";
import { backendEntry, byName, routeEntry, tenantEntry } from "../routing/sample-entries.ts";

const a = backendEntry("a");
const b = backendEntry("b");
const vectors = backendEntry("v", { capabilities: ["Embeddings"], embeddingDimensions: 2 });
const fallback = {
  when: ["RateLimited", "ServerError"],
  maxAttempts: 2,
  totalTimeoutMs: 5_000,
  retryBudgetPercent: 20,
} as const;
const open = { access: "Anonymous", selection: "Ordered", fallback } as const;

const deniedKey = "sy_denied";
const table: RoutingTable = {
  schemaVersion: 1,
  group: { namespace: "shop", routerClass: "default" },
  backends: byName([a, b, vectors]),
  routes: {
    chat: routeEntry([a, b], { ...open, name: "chat", models: ["chat"] }),
    closed: routeEntry([a], { ...open, name: "closed", models: ["closed"], access: "Tenants" }),
    vectors: routeEntry([vectors], {
      ...open,
      name: "vectors",
      models: ["vectors"],
      type: "Embeddings",
    }),
    empty: routeEntry([], { ...open, name: "empty", models: ["empty"], baseline: "a" }),
  },
  plans: {},
  tenants: {
    acme: tenantEntry({
      denied: { message: "no" },
      keys: [{ id: "key-1", sha256: hash("sha256", deniedKey) }],
    }),
  },
};

const fails = (code: ConstructorParameters<typeof ProviderError>[0]): Script => {
  const throwIt = (): never => {
    throw new ProviderError(code, "By order", { upstreamStatus: 500, requestId: "aws-2" });
  };
  return { chat: throwIt, stream: throwIt, embed: throwIt };
};
const answers: Script = {
  chat: () => reply(),
  stream: () => frames(),
  embed: async () => ({ vectors: [[1, 2]], usage, facts: {} }),
};
async function* breaks() {
  yield answerFrames[0]!;
  throw new ProviderError("stream_broken", "It broke");
}
async function* oops() {
  yield answerFrames[0]!;
  throw new TypeError("oops");
}

const chat = (changes: object = {}) => ({
  model: "chat",
  messages: [{ role: "user", content: "Hi" }],
  ...changes,
});

interface Case {
  scripts?: Record<string, Script>;
  table?: RoutingTable | null;
  path?: string;
  body?: object | string;
  headers?: Record<string, string>;
  expected: Partial<RequestRecord>;
}

const ended: Record<string, Case> = {
  "before the first table": {
    table: null,
    expected: { status: 503, error_type: "not_ready", table_digest: null, route: null },
  },
  "as text that is no JSON": {
    body: "{",
    expected: { status: 400, error_type: "invalid_json", operation: null, request_model: null },
  },
  "with a field of a wrong type": {
    body: chat({ messages: 3 }),
    expected: { status: 400, error_type: "invalid_request_error" },
  },
  "as too large a body": {
    body: "x".repeat(200_000),
    expected: { status: 413, error_type: "body_too_large", bytes_in: 200_000 },
  },
  "as another media type": {
    headers: { "content-type": "text/plain" },
    expected: { status: 415, error_type: "unsupported_media_type" },
  },
  "at a model that nobody serves": {
    body: chat({ model: "m".repeat(600) }),
    expected: { status: 404, error_type: "model_not_found", route: null },
  },
  "without a key": {
    body: chat({ model: "closed" }),
    expected: { status: 401, error_type: "missing_api_key", tenant: null },
  },
  "with a key that nobody knows": {
    body: chat({ model: "closed" }),
    headers: { authorization: "Bearer sy_x" },
    expected: { status: 401, error_type: "invalid_api_key", key_id: null },
  },
  "as a tenant who is denied": {
    headers: { authorization: `Bearer ${deniedKey}` },
    expected: { status: 403, error_type: "tenant_denied", tenant: "acme", key_id: "key-1" },
  },
  "at a route without a candidate": {
    body: chat({ model: "empty" }),
    expected: { status: 503, error_type: "no_backend", attempts: [] },
  },
  "at a route of another type": {
    body: chat({ model: "vectors" }),
    expected: { status: 400, error_type: "route_type_mismatch", route: "vectors" },
  },
  "beyond every hard limit": {
    body: chat({ max_tokens: 10_000_000 }),
    expected: { status: 400, attempts: [], route: "chat" },
  },
  "with all candidates failed": {
    scripts: { a: fails("throttled"), b: fails("internal") },
    expected: {
      status: 429,
      error_type: "rate_limit_exceeded",
      fallback_reason: "RateLimited",
      token_source: "none",
      cost_usd: 0,
      tokens: null,
      response_model: null,
      aws_request_id: "aws-2",
    },
  },
  "with the request at fault": {
    scripts: { a: fails("invalid_request") },
    expected: { status: 400, error_type: "invalid_request_error", fallback_reason: null },
  },
  answered: {
    scripts: { a: answers },
    expected: {
      status: 200,
      error_type: null,
      finish_reason: "stop",
      token_source: "provider",
      level: "info",
      response_model: "vendor.a",
      aws_request_id: "aws-1",
    },
  },
  "answered without usage": {
    scripts: {
      a: {
        chat: () => {
          const { usage: _, ...rest } = reply();
          return rest;
        },
      },
    },
    expected: { status: 200, token_source: "estimated" },
  },
  "answered by a fallback": {
    scripts: { a: fails("throttled"), b: answers },
    expected: {
      status: 200,
      error_type: null,
      fallback_reason: "RateLimited",
      response_model: "vendor.b",
      level: "info",
    },
  },
  "with vectors": {
    scripts: { v: answers },
    path: "/v1/embeddings",
    body: { model: "vectors", input: "x" },
    expected: { status: 200, operation: "embeddings", finish_reason: null },
  },
  "as a stream": {
    scripts: { a: answers },
    body: chat({ stream: true }),
    expected: { status: 200, streaming: true, error_type: null, finish_reason: "stop" },
  },
  "as a stream that broke": {
    scripts: { a: { stream: breaks } },
    body: chat({ stream: true }),
    expected: {
      status: 200,
      streaming: true,
      error_type: "server_error",
      level: "error",
      token_source: "estimated",
      finish_reason: null,
    },
  },
  "as a stream that failed for reasons unforeseen": {
    scripts: { a: { stream: oops } },
    body: chat({ stream: true }),
    expected: { status: 200, error_type: "server_error", level: "error" },
  },
  "as a stream that failed before it began": {
    scripts: { a: fails("throttled"), b: fails("throttled") },
    body: chat({ stream: true }),
    expected: { status: 429, streaming: true, error_type: "rate_limit_exceeded", ttft_ms: null },
  },
};

let router: RunningRouter | undefined;

afterEach(async () => router?.stop());

async function run({
  scripts = {},
  table: given = table,
  path = "/v1/chat/completions",
  body = chat(),
  headers = {},
}: Omit<Case, "expected">): Promise<{
  parts: FakeParts;
  response: Response;
  text: string;
  record: RequestRecord;
}> {
  const parts = makeParts(given ?? undefined, scripts);
  router = await startRouter(parts);
  const response = await fetch(`${router.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const record = await parts.records.of(response.headers.get("x-switchyard-request-id"));
  return { parts, response, text, record };
}

describe.each(Object.entries(ended))("a request that ends %s", (_where, { expected, ...given }) => {
  it("leaves one valid record of what the client saw", async () => {
    const { parts, response, text, record } = await run(given);
    expect(requestRecordSchema.parse(record)).toEqual(record);
    expect(record).toMatchObject(expected);
    expect(parts.records.all).toHaveLength(1);
    expect(response.status).toBe(record.status);
    expect(record.bytes_out).toBe(Buffer.byteLength(text));
    expect(record.namespace).toBe(given.table === null ? "" : "shop");
    expect(record.client_aborted).toBe(false);
    expect(record.trace_id).toMatch(/^0+1$/);
    // What is told once, in the record, the client is told as well.
    if (record.error_type !== null) expect(text).toContain(`"code":"${record.error_type}"`);
  });

  it("is observed once, with an attempt for each of the record's", async () => {
    const { parts, record } = await run(given);
    expect(parts.observations).toHaveLength(1);
    const [observation] = parts.observations;
    expect(observation?.record).toBe(record);
    expect(observation?.attempts).toHaveLength(record.attempts.length);
    for (const { ms } of record.attempts) expect(ms).toBeLessThanOrEqual(record.latency_ms);
    expect(record.overhead_ms + record.upstream_latency_ms).toBeCloseTo(record.latency_ms, 1);
    let earliest = 0;
    for (const { start_ms: start, ms } of record.attempts) {
      expect(start).toBeGreaterThanOrEqual(earliest);
      expect((start ?? Infinity) + ms).toBeLessThanOrEqual(record.latency_ms + 0.02);
      earliest = start ?? Infinity;
    }
  });
});

describe("a fault of the router's own", () => {
  it("is a plain 500 with a record, and is told to whoever runs it", async () => {
    const planted = (): never => {
      throw new TypeError("planted-text");
    };
    const parts = makeParts(table, { a: answers }, { random: planted });
    router = await startRouter(parts);
    const response = await fetch(`${router.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(chat()),
    });
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).toContain("internal_error");
    expect(text).not.toContain("planted-text");
    const record = await parts.records.of(response.headers.get("x-request-id"));
    expect(requestRecordSchema.parse(record)).toMatchObject({ status: 500, level: "error" });
    expect(parts.faults).toHaveLength(1);
  });
});

describe("the response headers", () => {
  const named = ({ headers }: Response) =>
    Object.fromEntries([...headers].filter(([name]) => name.startsWith("x-switchyard-")));

  it.each(["{", chat(), chat({ stream: true }), chat({ model: "nobody" })])(
    "bear the request's id in both forms (%j)",
    async (body) => {
      const { response } = await run({ body, scripts: { a: answers } });
      const id = response.headers.get("x-switchyard-request-id");
      expect(id).toMatch(/^req_[0-9a-f]{32}$/);
      expect(response.headers.get("x-request-id")).toBe(id);
    },
  );

  it.each([true, false])("tell of a fallback (stream: %s)", async (stream) => {
    const { response, record } = await run({
      body: chat({ stream }),
      scripts: { a: fails("throttled"), b: answers },
    });
    expect(named(response)).toEqual({
      "x-switchyard-request-id": record.request_id,
      "x-switchyard-table-digest": record.table_digest,
      "x-switchyard-backend": "b",
      "x-switchyard-attempts": "2",
      "x-switchyard-reason": "fallback:RateLimited",
    });
  });

  it("tell why the first candidate was chosen where it answered", async () => {
    const { response } = await run({ scripts: { a: answers } });
    expect(named(response)).toMatchObject({
      "x-switchyard-backend": "a",
      "x-switchyard-attempts": "1",
      "x-switchyard-reason": "ordered",
    });
  });

  it("tell nothing of attempts where there was none", async () => {
    const { response } = await run({ body: chat({ model: "closed" }) });
    expect(Object.keys(named(response)).toSorted()).toEqual([
      "x-switchyard-request-id",
      "x-switchyard-table-digest",
    ]);
  });
});

describe("a request whose client leaves", () => {
  async function leave(
    script: Script,
    stream: boolean,
  ): Promise<{ parts: FakeParts; record: RequestRecord }> {
    const parts = makeParts(table, { a: script });
    router = await startRouter(parts);
    const leaving = new AbortController();
    const asking = fetch(`${router.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(chat({ stream })),
      signal: leaving.signal,
    }).then(async (response) => response.body?.getReader().read());
    const next = parts.records.next();
    if (stream) await asking;
    else await called.promise;
    leaving.abort();
    await asking.catch(() => undefined);
    return { parts, record: await next };
  }

  const noTokens = {
    in: 0,
    out: 0,
    cache_read: 0,
    cache_write: 0,
    cache_write_1h: 0,
    reasoning: 0,
  };
  let called = Promise.withResolvers<void>();
  const never = new Promise<never>(() => undefined);
  async function* halfway() {
    yield answerFrames[0]!;
    await never;
  }

  it.each<[string, Script, boolean, Partial<RequestRecord>]>([
    [
      "while it waits",
      {
        chat: async () => {
          called.resolve();
          return never;
        },
      },
      false,
      { status: 499, token_source: "estimated", tokens: { ...noTokens, in: 5 } },
    ],
    [
      "in the middle of a stream",
      { stream: halfway },
      true,
      { status: 200, token_source: "estimated" },
    ],
  ])("%s leaves a valid record that says so", async (_when, script, stream, expected) => {
    called = Promise.withResolvers();
    const { parts, record } = await leave(script, stream);
    expect(requestRecordSchema.parse(record)).toEqual(record);
    expect(record).toMatchObject({
      ...expected,
      client_aborted: true,
      error_type: "client_closed_request",
      level: "warn",
    });
    expect(record.attempts).toHaveLength(1);
    expect(record.attempts[0]?.error_type).toBe("client_closed_request");
    expect(parts.faults).toEqual([]);
  });

  it("and does not take the rest of a whole answer counts as gone", async () => {
    const parts = makeParts(
      table,
      { a: { chat: () => reply({ text: "x".repeat(30_000_000) }) } },
      { settings: { ...settings, clientStallMs: 200 } },
    );
    router = await startRouter(parts);
    const { port } = new URL(router.url);
    const socket = connect(Number(port), "127.0.0.1").pause();
    socket.on("error", () => undefined);
    const body = JSON.stringify(chat());
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    const record = await parts.records.next();
    expect(record).toMatchObject({ client_aborted: true, error_type: "client_closed_request" });
    socket.destroy();
  });
});
