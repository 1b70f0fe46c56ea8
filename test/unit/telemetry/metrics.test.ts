import { beforeEach, describe, expect, it } from "vitest";
import { makeLog, makeTelemetry, outcomeOf, type Telemetry } from "../../../src/telemetry/index.ts";
import {
  makeAttemptObservation,
  makeAttemptRecord,
  makeFallbackObservation,
  makeObservation,
  makeRecord,
} from "../../support/observations.ts";

let telemetry: Telemetry;

beforeEach(async () => {
  telemetry = await makeTelemetry({
    serviceName: "switchyard-router",
    serviceVersion: "0.1.0",
    instance: "router-1",
    namespace: "shop",
    routerClass: "default",
    maxTenants: 3,
    log: makeLog({ output: { write: () => {} } }),
  });
});

/** The sample lines whose name begins so. */
const samples = async (name: string) =>
  (await telemetry.metricsText()).split("\n").filter((line) => line.startsWith(name));

describe("/metrics", () => {
  it("counts what a policy that only observes would have done, and what guardrails cost", async () => {
    const guardrail = {
      kind: "guardrail",
      backend: "nova-lite",
      tokens: null,
      units: 2,
      cost_usd: 0.0003,
      basis: "metered",
    } as const;
    const { ledger } = makeRecord();
    telemetry.observe(
      makeObservation({
        record: makeRecord({
          ledger: [...ledger, guardrail],
          would_refuse: ["allowed_backends"],
          would_divert: ["envelope"],
        }),
      }),
    );
    expect(await samples("switchyard_would_refuse_total")).toEqual([
      'switchyard_would_refuse_total{switchyard_bound="allowed_backends",switchyard_route="support-chat",switchyard_tenant="checkout"} 1',
    ]);
    expect(await samples("switchyard_would_divert_total")).toEqual([
      'switchyard_would_divert_total{switchyard_bound="envelope",switchyard_route="support-chat",switchyard_tenant="checkout"} 1',
    ]);
    expect(await samples("switchyard_cost_usd_total")).toEqual([
      'switchyard_cost_usd_total{switchyard_backend="nova-lite",switchyard_route="support-chat",switchyard_tenant="checkout"} 0.000423',
    ]);
  });

  it("shows requests, attempts, tokens and money as counted", async () => {
    telemetry.observe(makeObservation());
    telemetry.observe(makeFallbackObservation());
    expect(await samples("switchyard_requests_total")).toEqual([
      'switchyard_requests_total{switchyard_outcome="answered",switchyard_route="support-chat",switchyard_tenant="checkout",gen_ai_operation_name="chat"} 2',
    ]);
    expect(await samples("switchyard_fallbacks_total")).toEqual([
      'switchyard_fallbacks_total{switchyard_route="support-chat",switchyard_backend="nova-lite",switchyard_fallback_reason="RateLimited"} 1',
    ]);
    expect(await samples("switchyard_attempts_total")).toEqual([
      'switchyard_attempts_total{switchyard_backend="nova-lite",switchyard_attempt_kind="first",switchyard_route="support-chat"} 1',
      'switchyard_attempts_total{switchyard_backend="nova-lite",switchyard_attempt_kind="first",switchyard_route="support-chat",error_type="throttled"} 1',
      'switchyard_attempts_total{switchyard_backend="llama",switchyard_attempt_kind="fallback",switchyard_route="support-chat"} 1',
    ]);
    expect(await samples("switchyard_cost_usd_total")).toEqual([
      'switchyard_cost_usd_total{switchyard_backend="nova-lite",switchyard_route="support-chat",switchyard_tenant="checkout"} 0.000123',
      'switchyard_cost_usd_total{switchyard_backend="llama",switchyard_route="support-chat",switchyard_tenant="checkout"} 0.000123',
    ]);
    expect(await samples("switchyard_saved_usd{")).toEqual([
      'switchyard_saved_usd{switchyard_route="support-chat",switchyard_tenant="checkout"} 0.000666',
    ]);
    const sums = await samples("gen_ai_client_token_usage_sum");
    expect(
      sums.map((line) => [/token_type="(\w+)"/.exec(line)?.[1], line.split(" ").at(-1)]),
    ).toEqual([
      ["input", "125"],
      ["output", "40"],
      ["input", "125"],
      ["output", "40"],
    ]);
  });

  it("shows histograms with the documented boundaries", async () => {
    telemetry.observe(makeObservation());
    const lines = await samples("gen_ai_server_request_duration_bucket");
    const bounds = lines.map((line) => /le="([^"]+)"/.exec(line)?.[1]);
    expect(bounds).toEqual([
      "0.01",
      "0.02",
      "0.04",
      "0.08",
      "0.16",
      "0.32",
      "0.64",
      "1.28",
      "2.56",
      "5.12",
      "10.24",
      "20.48",
      "40.96",
      "81.92",
      "+Inf",
    ]);
  });

  it("counts the time between chunks once for each later chunk", async () => {
    telemetry.observe(makeObservation());
    const [count] = await samples("gen_ai_client_operation_time_per_output_chunk_count");
    const [sum] = await samples("gen_ai_client_operation_time_per_output_chunk_sum");
    expect(Number(count?.split(" ").at(-1))).toBe(30);
    expect(Number(sum?.split(" ").at(-1))).toBeCloseTo(0.3, 6);
  });

  it.each([
    [null, "won"],
    ["superseded", "lost"],
    ["client_closed_request", "aborted"],
    ["throttled", "failed"],
  ])("counts a hedge that ended with %s as %s", async (error_type, outcome) => {
    const hedge = makeAttemptRecord({ backend: "llama", kind: "hedge", error_type });
    const attempts = [makeAttemptRecord(), hedge];
    telemetry.observe(
      makeObservation({
        record: makeRecord({ attempts }),
        attempts: [makeAttemptObservation(), makeAttemptObservation()],
      }),
    );
    expect(await samples("switchyard_hedges_total")).toEqual([
      `switchyard_hedges_total{switchyard_hedge_outcome="${outcome}",switchyard_backend="llama",switchyard_route="support-chat"} 1`,
    ]);
  });

  it.each([
    ["superseded", "switchyard_attempt_cancelled"],
    ["client_closed_request", "switchyard_attempt_cancelled"],
    ["throttled", "error_type"],
  ])("tells an attempt that ended with %s by %s", async (error_type, label) => {
    const attempts = [makeAttemptRecord({ error_type })];
    telemetry.observe(makeObservation({ record: makeRecord({ attempts }) }));
    for (const name of ["switchyard_attempts_total", "gen_ai_client_operation_duration_count"]) {
      const [line] = await samples(name);
      expect(line?.match(/(?:error_type|cancelled)="[^"]*"/g)).toHaveLength(1);
      expect(line).toContain(`${label}="${error_type}"`);
    }
  });

  it("counts what a route's budget denied", async () => {
    telemetry.observe(makeObservation({ record: makeRecord({ denied: "retry" }) }));
    expect(await samples("switchyard_attempts_denied_total")).toEqual([
      'switchyard_attempts_denied_total{switchyard_attempt_kind="retry",switchyard_route="support-chat"} 1',
    ]);
  });

  it("takes no first chunk from an answer that came whole", async () => {
    telemetry.observe(
      makeObservation({ attempts: [makeAttemptObservation({ streaming: false, laterChunks: 0 })] }),
    );
    expect(await samples("gen_ai_client_operation_time_to_first_chunk")).toEqual([]);
    expect(await samples("gen_ai_client_operation_duration_count")).toHaveLength(1);
  });

  it("says nothing of a table before the first, and all of the one in use", async () => {
    expect(await samples("switchyard_table_info")).toEqual([]);
    expect(await samples("switchyard_table_unconfirmed")).toEqual([]);
    const table = { loadedAt: Date.now() - 60_000, routes: 2, backends: 3, tenants: 4 };
    telemetry.tableLoaded({ ...table, digest: "sha256:one", propagationMs: null });
    telemetry.tableLoaded({ ...table, digest: "sha256:two", propagationMs: 1_500 });
    telemetry.tableConfirmed(performance.now() - 90_000);
    telemetry.tableRefused("digest_mismatch");
    telemetry.watchInFlight(() => 7);
    telemetry.watchDroppedRecords(() => 9);
    expect(await samples("switchyard_table_info")).toEqual([
      'switchyard_table_info{switchyard_table_digest="sha256:two"} 1',
    ]);
    expect(await samples("switchyard_table_routes")).toEqual(["switchyard_table_routes 2"]);
    expect(await samples("switchyard_table_loads_total")).toEqual([
      "switchyard_table_loads_total 2",
    ]);
    expect(await samples("switchyard_table_refusals_total")).toEqual([
      'switchyard_table_refusals_total{switchyard_refusal="digest_mismatch"} 1',
    ]);
    const [age] = await samples("switchyard_table_age");
    expect(Number(age?.split(" ")[1])).toBeGreaterThanOrEqual(60);
    const [unconfirmed] = await samples("switchyard_table_unconfirmed");
    expect(Number(unconfirmed?.split(" ")[1])).toBeGreaterThanOrEqual(90);
    expect(await samples("switchyard_config_propagation_sum")).toEqual([
      "switchyard_config_propagation_sum 1.5",
    ]);
    expect(await samples("switchyard_config_propagation_count")).toEqual([
      "switchyard_config_propagation_count 1",
    ]);
    expect(await samples("switchyard_requests_active")).toEqual(["switchyard_requests_active 7"]);
    expect(await samples("switchyard_records_dropped_total")).toEqual([
      "switchyard_records_dropped_total 9",
    ]);
  });
});

describe("the text of /metrics", () => {
  it("escapes what would end a label, and describes each metric once", async () => {
    const one = { loadedAt: 0, routes: 1, backends: 1, tenants: 1, propagationMs: null };
    telemetry.tableLoaded({ ...one, digest: 'a"b\\c\nd' });
    expect(await samples("switchyard_table_info")).toEqual([
      String.raw`switchyard_table_info{switchyard_table_digest="a\"b\\c\nd"} 1`,
    ]);
    telemetry.observe(makeFallbackObservation());
    const text = await telemetry.metricsText();
    const helps = text.split("\n").filter((line) => line.startsWith("# HELP"));
    expect(new Set(helps).size).toBe(helps.length);
    for (const line of text.split("\n").slice(0, -1)) {
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+="[^\n]*",?)+\})? \S+)$/);
    }
  });

  it("adds each bucket up with those before it", async () => {
    telemetry.observe(makeObservation());
    const lines = await samples("gen_ai_client_operation_duration_bucket");
    expect(lines.map((line) => Number(line.split(" ").at(-1)))).toEqual([
      0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    ]);
  });
});

describe("the number of series", () => {
  it("does not grow with requests, users, unknown models or late tenants", async () => {
    for (let index = 0; index < 500; index += 1) {
      telemetry.observe(
        makeObservation({
          record: makeRecord({
            request_id: `request-${index}`,
            tenant: `tenant-${index}`,
            key_id: `key-${index}`,
            aws_request_id: `aws-${index}`,
            finish_reason: `reason ${index}`,
          }),
          attempts: [
            makeAttemptObservation({
              responseId: `answer-${index}`,
              responseModel: `model-${index}`,
            }),
          ],
        }),
      );
      telemetry.observe(
        makeObservation({
          record: makeRecord({
            route: null,
            request_model: `guess-${index}`,
            tenant: null,
            status: 404,
            attempts: [],
          }),
          attempts: [],
        }),
      );
    }
    const text = await telemetry.metricsText();
    for (const word of ["request-", "key-", "aws-", "answer-", "model-", "guess-", "reason "]) {
      expect(text).not.toContain(word);
    }
    const tenants = new Set(
      [...text.matchAll(/switchyard_tenant="([^"]+)"/g)].map((match) => match[1]),
    );
    expect(tenants).toEqual(new Set(["tenant-0", "tenant-1", "tenant-2", "other"]));
    expect(await samples("switchyard_requests_total")).toHaveLength(5);
  });

  it("shows the budgets of those who have spent most of one, whoever came first", async () => {
    for (const tenant of ["early-1", "early-2", "early-3", "early-4"])
      telemetry.observe(makeObservation({ record: makeRecord({ tenant }) }));
    const shares = { low: 0.1, high: 0.95, over: 1.2, none: 0, middle: 0.5 };
    telemetry.watchLimits(() => ({
      budgets: Object.entries(shares).flatMap(([tenant, share]) => [
        { tenant, limit: "budget_day_usd", used: share * 10, most: 10 },
        { tenant, limit: "budget_month_usd", used: 0, most: 300 },
      ]),
      reservations: 0,
      store: null,
    }));
    const shown = await samples("switchyard_limits_used{");
    expect(shown).toHaveLength(6);
    for (const tenant of ["over", "high", "middle"])
      expect(shown.filter((line) => line.includes(`"${tenant}"`))).toHaveLength(2);
  });

  it("is bounded for each metric even if labels multiply, and counts the rest together", async () => {
    for (let index = 0; index < 2_500; index += 1) {
      const record = makeRecord({ attempts: [makeAttemptRecord({ backend: `backend-${index}` })] });
      telemetry.observe(makeObservation({ record }));
    }
    const lines = await samples("switchyard_cost_usd_total");
    expect(lines).toHaveLength(2_001);
    const overflow = lines.find((line) => line.includes("otel_metric_overflow"));
    expect(Number(overflow?.split(" ")[1])).toBeCloseTo(500 * 0.000123, 9);
  });
});

describe("an outcome", () => {
  const error = "stream_broken";
  it.each([
    [{ status: 200, error_type: null, client_aborted: false }, "answered"],
    [{ status: 200, error_type: error, client_aborted: false }, "failed"],
    [{ status: 200, error_type: error, client_aborted: true }, "aborted"],
    [{ status: 404, error_type: "model_not_found", client_aborted: false }, "refused"],
    [{ status: 429, error_type: "rate_limited", client_aborted: false }, "limited"],
    [{ status: 503, error_type: "unavailable", client_aborted: false }, "failed"],
  ])("of %j is %s", (record, outcome) => {
    expect(outcomeOf(record)).toBe(outcome);
  });
});
