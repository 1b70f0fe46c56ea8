// One request of each situation that on-call meets, at a running router: what its spans, metrics and record say of it,
// and that nothing else leaves than the table of names holds.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { RequestRecord } from "../../../src/records/index.ts";
import { events } from "../../../src/telemetry/index.ts";
import { backendOf, models, routeOf, tenantOf } from "../../support/local-resources.ts";
import { checkAttributes, checkMetric, isRoot, specOf } from "../../support/names-table.ts";
import {
  plainAttributes,
  startOtlpSink,
  type OtlpSink,
  type SentEvent,
  type SentSpan,
} from "../../support/otlp-sink.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { send, type Sending } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const keys = { modest: "sy_a-key-of-the-modest", poor: "sy_a-key-of-the-poor" };
const expectations = { firstTokenP95: "150ms", tokensPerSecond: 100_000 };
const timeouts = { connect: "2s", firstToken: "400ms", idle: "2s", total: "20s" };
const hedge = { afterPercentile: 95, maxSharePercent: 100 };
const filters = {
  block: [{ name: "words", type: "WordList", action: "Block", wordList: { words: ["dragon"] } }],
  redact: [{ name: "people", type: "Pii", action: "Redact", pii: { entities: ["Email"] } }],
};

const resources = [
  ...(["micro", "lite", "haiku", "sonnet"] as const).map((name) =>
    backendOf(name, { expectations }),
  ),
  backendOf("micro", { name: "bounded", expectations, timeouts }),
  routeOf("one", ["micro"]),
  routeOf("two", ["micro", "lite"]),
  routeOf("bounded", ["bounded", "lite"]),
  routeOf("hedged", ["micro", "lite"], { fallback: { hedge } }),
  routeOf("blocked", ["micro"], { safety: filters.block }),
  routeOf("redacted", ["micro"], { safety: filters.redact }),
  routeOf("closed", ["micro"], { access: "Tenants" }),
  routeOf("narrow", ["micro"], { envelope: { maxUsdPerRequest: "0.000001" } }),
  routeOf("shadowed", ["haiku", "sonnet"], {
    baseline: { name: "sonnet" },
    arms: { shadowPercent: 50, comparison: { type: "Agreement" } },
  }),
  tenantOf("modest", keys.modest, { rateLimits: { requestsPerMinute: 1 } }),
  tenantOf("poor", keys.poor, {
    budgets: [{ window: "Day", timeZone: "UTC", usd: "0.000001", onExceeded: "Reject" }],
    enforcement: "Observe",
  }),
];

let sink: OtlpSink;
let local: Local;
const records = new Map<string, RequestRecord>();
const texts = { before: "", after: "" };

type Attributes = Record<string, unknown>;

interface Situation {
  make: () => Promise<string>;
  record: object;
  /** Of the SERVER span, of the one of routing, and of each attempt. */
  request: Attributes;
  route?: Attributes;
  attempts?: readonly Attributes[];
  /** Of each filter that acted. */
  safety?: readonly Attributes[];
  /** What has counted it: a name at `/metrics`, and what stands in the labels of one of its series. */
  metrics: readonly (readonly [name: string, ...labels: string[]])[];
}

async function ask(sending: Sending): Promise<string> {
  const { requestId } = await send(local, sending);
  return requestId;
}

const askChat = (
  model: string,
  more: object = {},
  sending: Sending = {},
  said = "What is 2 + 3?",
) => ask({ ...sending, body: chatOf(model, said, more) });

/** With the model that fails so, for as many calls as are told. */
async function amid(
  fault: Omit<Parameters<Local["simulator"]["faults"]["set"]>[0], "model">,
  act: () => Promise<string>,
  model: string = models.micro,
): Promise<string> {
  local.simulator.faults.set({ ...fault, model });
  const id = await act();
  local.heal();
  return id;
}

const situations: Readonly<Record<string, Situation>> = {
  "an answer": {
    make: () => askChat("one"),
    record: { status: 200, error_type: null },
    request: { "switchyard.outcome": "answered", "http.response.status_code": 200 },
    route: { "switchyard.route": "one", "switchyard.chosen": "micro" },
    attempts: [
      {
        "switchyard.attempt.kind": "first",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": expect.any(Number),
        "gen_ai.usage.output_tokens": expect.any(Number),
        "switchyard.cost_usd": expect.any(Number),
      },
    ],
    metrics: [
      ["switchyard_requests_total", 'switchyard_outcome="answered"', 'switchyard_route="one"'],
      ["gen_ai_client_token_usage_count", 'switchyard_route="one"'],
      ["switchyard_cost_usd_total", 'switchyard_backend="micro"', 'switchyard_route="one"'],
    ],
  },
  "a stream": {
    make: () => askChat("one", { stream: true }),
    record: { streaming: true, ttft_ms: expect.any(Number) },
    request: { "switchyard.outcome": "answered" },
    attempts: [
      {
        "gen_ai.request.stream": true,
        "gen_ai.response.time_to_first_chunk": expect.any(Number),
      },
    ],
    metrics: [["gen_ai_client_operation_time_to_first_chunk_count", 'switchyard_route="one"']],
  },
  "a retry": {
    make: () => amid({ kind: "internal-error", count: 1 }, () => askChat("one")),
    record: { status: 200, attempts: [{ kind: "first" }, { kind: "retry" }] },
    request: { "switchyard.outcome": "answered" },
    attempts: [
      { "error.type": "internal", "http.response.status_code": 500 },
      { "switchyard.attempt.kind": "retry", "switchyard.attempt.number": 2 },
    ],
    metrics: [
      [
        "switchyard_attempts_total",
        'switchyard_backend="micro"',
        'switchyard_attempt_kind="retry"',
      ],
    ],
  },
  "a fallback": {
    make: () => amid({ kind: "access-denied" }, () => askChat("two")),
    record: { fallback_reason: "Unavailable" },
    request: { "switchyard.outcome": "answered" },
    route: { "switchyard.fallback.reason": "Unavailable" },
    attempts: [
      { "error.type": "access_denied" },
      { "switchyard.attempt.kind": "fallback", "switchyard.backend": "lite" },
    ],
    metrics: [
      ["switchyard_fallbacks_total", 'reason="Unavailable"', 'backend="micro"', 'route="two"'],
    ],
  },
  "an attempt that is cut off by its bound": {
    make: () =>
      amid({ kind: "slow-first-token", delayMs: 5_000 }, () =>
        askChat("bounded", { stream: true }),
      ),
    record: { fallback_reason: "SlowFirstToken" },
    request: { "switchyard.outcome": "answered" },
    attempts: [{ "error.type": "slow_first_token" }, { "switchyard.backend": "lite" }],
    metrics: [
      [
        "switchyard_attempts_total",
        'switchyard_backend="bounded"',
        'error_type="slow_first_token"',
      ],
      [
        "gen_ai_client_operation_duration_sum",
        'backend="bounded"',
        'error_type="slow_first_token"',
      ],
    ],
  },
  "a hedge that wins": {
    make: () => amid({ kind: "slow-first-token", delayMs: 8_000 }, () => askChat("hedged")),
    record: { fallback_reason: null, attempts: [{ error_type: "superseded" }, { kind: "hedge" }] },
    request: { "switchyard.outcome": "answered" },
    attempts: [
      { "switchyard.attempt.cancelled": "superseded" },
      { "switchyard.attempt.kind": "hedge", "switchyard.backend": "lite" },
    ],
    metrics: [
      ["switchyard_hedges_total", 'switchyard_hedge_outcome="won"', 'switchyard_backend="lite"'],
      ["gen_ai_client_operation_duration_count", 'cancelled="superseded"'],
    ],
  },
  "a failure of all candidates": {
    make: () => amid({ kind: "access-denied" }, () => askChat("two"), "*"),
    record: { level: "error" },
    request: { "switchyard.outcome": "failed", "error.type": expect.any(String) },
    attempts: [{ "error.type": "access_denied" }, { "error.type": "access_denied" }],
    metrics: [
      ["switchyard_requests_total", 'switchyard_outcome="failed"', 'error_type="'],
      ["gen_ai_server_request_duration_count", 'error_type="'],
    ],
  },
  "a stream that breaks": {
    make: () =>
      amid({ kind: "cut", afterFrames: 2 }, () =>
        askChat("one", { stream: true }, {}, "repeat: one two three four five six"),
      ),
    record: { status: 200, error_type: "server_error" },
    request: { "switchyard.outcome": "failed", "error.type": "server_error" },
    attempts: [{ "error.type": "stream_broken" }],
    metrics: [["switchyard_requests_total", 'switchyard_route="one"', 'error_type="server_error"']],
  },
  "what a filter blocks": {
    make: () => askChat("blocked", {}, {}, "Draw a dragon"),
    record: { safety: { action: "block" } },
    request: { "switchyard.outcome": "refused", "switchyard.refusal": "content_filter" },
    safety: [{ "switchyard.safety.action": "block", "switchyard.safety.stage": "input" }],
    metrics: [
      ["switchyard_safety_verdicts_total", 'switchyard_filter_type="WordList"', 'action="block"'],
    ],
  },
  "what a filter redacts": {
    make: () => askChat("redacted", {}, {}, "repeat: ask mira@example.com"),
    record: { status: 200, safety: { action: "redact" } },
    request: { "switchyard.outcome": "answered" },
    safety: [{ "switchyard.safety.action": "redact", "switchyard.safety.rules": ["pii/email"] }],
    metrics: [["switchyard_safety_verdicts_total", 'switchyard_filter_type="Pii"']],
  },
  "a tenant within its limits": {
    make: () => askChat("closed", {}, { key: keys.modest }),
    record: { tenant: "modest", limits: { action: "allow" } },
    request: { "switchyard.limits.action": "allow" },
    route: { "switchyard.tenant": "modest", "switchyard.subject.type": "ApiKey" },
    metrics: [
      ["switchyard_limits_decisions_total", 'action="allow"', 'switchyard_tenant="modest"'],
    ],
  },
  "a tenant that asks too often": {
    make: () => askChat("closed", {}, { key: keys.modest }),
    record: { status: 429, limits: { refused_by: "requests_per_minute" } },
    request: {
      "switchyard.outcome": "limited",
      "switchyard.limits.action": "refuse",
      "switchyard.limits.exceeded": ["requests_per_minute"],
      "switchyard.refusal": "rate_limit_exceeded",
    },
    metrics: [
      [
        "switchyard_limits_exceeded_total",
        'switchyard_limit="requests_per_minute"',
        'switchyard_limits_action="refuse"',
      ],
    ],
  },
  "a budget that is only observed": {
    make: () => askChat("closed", {}, { key: keys.poor }),
    record: { status: 200, limits: { action: "observe", exceeded: ["budget_day_usd"] } },
    request: {
      "switchyard.limits.action": "observe",
      "switchyard.limits.exceeded": ["budget_day_usd"],
    },
    metrics: [["switchyard_limits_exceeded_total", 'switchyard_limit="budget_day_usd"']],
  },
  "an envelope that nobody can keep": {
    make: () => askChat("narrow"),
    record: { envelope_missed: true },
    request: { "switchyard.outcome": "answered" },
    route: { "switchyard.envelope.missed": true },
    metrics: [["switchyard_envelope_missed_total", 'switchyard_route="narrow"']],
  },
  "a caller that nobody knows": {
    make: () => askChat("closed", {}, { key: "sy_a-key-of-nobody" }),
    record: { status: 401, tenant: null },
    request: { "switchyard.outcome": "refused", "switchyard.refusal": expect.any(String) },
    metrics: [["switchyard_callers_refused_total", 'switchyard_refusal="']],
  },
  "a model that nobody serves": {
    make: () => askChat("nothing-of-ours"),
    record: { status: 404, route: null },
    request: { "switchyard.outcome": "refused", "switchyard.refusal": "model_not_found" },
    metrics: [["switchyard_requests_total", 'switchyard_outcome="refused"']],
  },
};

async function shadow(): Promise<void> {
  const { requestId } = await send(local, { body: chatOf("shadowed", "repeat: 42") });
  await vi.waitFor(() => expect(local.records.labels).toHaveLength(2), { timeout: 20_000 });
  const path = "/v1/feedback";
  const given = await send(local, { path, body: { request_id: requestId, score: 0 } });
  expect(given.status).toBe(202);
  records.set("shadowed", await local.records.of(requestId));
}

async function reload(): Promise<void> {
  const since = local.refreshes.length;
  await local.write([...resources, routeOf("another", ["micro"])]);
  await local.refreshed(({ changed }) => changed, since);
}

const metricsText = async (): Promise<string> => (await fetch(`${local.adminUrl}/metrics`)).text();

/** Waits until the gauge has fallen: it grows all the time but when a look finds the folder as it was. */
async function confirmedAnew(): Promise<void> {
  let highest = 0;
  await vi.waitFor(
    async () => {
      const text = await metricsText();
      const now = Number(/^switchyard_table_unconfirmed (\S+)$/m.exec(text)?.[1]);
      highest = Math.max(highest, now);
      expect(now).toBeLessThan(highest);
    },
    { timeout: 20_000, interval: 50 },
  );
}

beforeAll(async () => {
  sink = await startOtlpSink();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
  // Chance draws every request for a shadow that may have one.
  local = await startLocal({ resources, parts: { random: () => 0 } });
  const { problems = [] } = local.refreshes[0] ?? {};
  expect(problems.filter((problem) => !problem.includes(": warning: "))).toEqual([]);
  for (const [name, { make }] of Object.entries(situations))
    records.set(name, await local.records.of(await make()));
  await shadow();
  texts.before = await metricsText();
  await reload();
  texts.after = await metricsText();
  await confirmedAnew();
  await local.stop();
}, 120_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await sink?.close();
});

const told = (span: SentSpan | SentEvent | undefined): Attributes =>
  plainAttributes(span?.attributes);

const below = (parent: SentSpan | undefined): SentSpan[] =>
  sink.spans().filter(({ parentSpanId }) => parentSpanId === parent?.spanId);

function treeOf(name: string) {
  const record = records.get(name);
  const request = sink.spans().find(({ spanId }) => spanId === record?.span_id);
  const children = below(request);
  const route = children.find((span) => span.name === "switchyard.route");
  const number = (span: SentSpan) => Number(told(span)["switchyard.attempt.number"]);
  return {
    request,
    route,
    safety: children.filter((span) => span.name === "switchyard.safety"),
    attempts:
      route === undefined
        ? []
        : below(route).toSorted((left, right) => number(left) - number(right)),
  };
}

/** Labels and value of each series at `/metrics`, once all was made. */
const seriesOf = (name: string): [labels: string, value: number][] =>
  [...texts.before.matchAll(new RegExp(`^${name}(\\{.*\\})? (\\S+)$`, "gm"))].map((match) => [
    match[1] ?? "",
    Number(match[2]),
  ]);

describe.each(Object.entries(situations))("%s", (name, situation) => {
  it("stands in its record", () => {
    expect(records.get(name)).toMatchObject(situation.record);
  });

  it("stands in its spans", () => {
    const { request, route, safety, attempts } = treeOf(name);
    expect(request?.traceId).toBe(records.get(name)?.trace_id);
    expect(told(request)).toMatchObject(situation.request);
    if (situation.route !== undefined) expect(told(route)).toMatchObject(situation.route);
    if (situation.attempts !== undefined)
      expect(attempts.map(told)).toMatchObject(situation.attempts);
    for (const [index, expected] of (situation.safety ?? []).entries())
      expect(told(safety[index])).toMatchObject(expected);
    expect(safety.length > 0).toBe(situation.safety !== undefined);
  });

  it("is counted", () => {
    for (const [counter, ...labels] of situation.metrics) {
      const series = seriesOf(counter).filter(([of]) => labels.every((each) => of.includes(each)));
      expect(
        series.some(([, value]) => value > 0),
        `${counter} ${labels.join()}`,
      ).toBe(true);
    }
  });
});

describe("beside requests", () => {
  it("a shadow has a trace of its own, and each judgement is an event beside what was judged", () => {
    const measured = sink.spans().find((span) => span.name === "switchyard.shadow");
    const [call, ...others] = below(measured);
    expect(others).toEqual([]);
    const { request_id, trace_id, span_id } = records.get("shadowed")!;
    expect(told(measured)).toMatchObject({
      "switchyard.prompt.id": request_id,
      "switchyard.arm": "shadow",
    });
    expect(sink.events().map((each) => [each.traceId ?? "", each.spanId ?? ""])).toEqual([
      [trace_id, span_id],
      [measured?.traceId, measured?.spanId],
      ["", ""],
    ]);
    const common = { "switchyard.request.id": request_id };
    expect(sink.events().map(told)).toMatchObject([
      { ...common, "gen_ai.evaluation.name": "agreement", "switchyard.backend": "haiku" },
      { ...common, "gen_ai.response.id": told(call)["gen_ai.response.id"] },
      { ...common, "gen_ai.evaluation.name": "client", "gen_ai.evaluation.score.label": "wrong" },
    ]);
  });

  it("an attempt that was cut off counts with all the time that it was given", () => {
    const cut = seriesOf("gen_ai_client_operation_duration_sum").filter(([labels]) =>
      labels.includes('error_type="slow_first_token"'),
    );
    expect(cut).toHaveLength(1);
    expect(cut[0]?.[1]).toBeGreaterThanOrEqual(0.4);
  });

  it("a reload is counted, with how long it took to come", () => {
    const valueOf = (text: string, series: string): number =>
      Number(new RegExp(`^${series} (\\S+)$`, "m").exec(text)?.[1]);
    expect(valueOf(texts.before, "switchyard_table_loads_total")).toBe(1);
    expect(valueOf(texts.after, "switchyard_table_loads_total")).toBe(2);
    expect(valueOf(texts.after, "switchyard_config_propagation_count")).toBe(1);
    const routes = valueOf(texts.before, "switchyard_table_routes");
    expect(valueOf(texts.after, "switchyard_table_routes")).toBe(routes + 1);
  });

  it("nothing leaves that is in no table, and nothing lacks what is always there", () => {
    for (const span of sink.spans()) {
      const spec = specOf(span);
      checkAttributes(span.name, span.attributes, spec);
      const parent = sink.spans().find(({ spanId }) => spanId === (span.parentSpanId ?? ""));
      expect(parent === undefined, span.name).toBe(isRoot(spec.id));
    }
    for (const metric of sink.sentMetrics()) checkMetric(metric);
    for (const event of sink.events())
      checkAttributes(event.eventName, event.attributes, events["gen_ai.evaluation.result"]);
  });
});
