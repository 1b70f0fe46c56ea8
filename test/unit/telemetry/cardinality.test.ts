// Whatever comes, and however long: no metric has more series than its bound.
import { beforeAll, describe, expect, it } from "vitest";
import { makeLog, makeTelemetry, metrics, type Telemetry } from "../../../src/telemetry/index.ts";
import { operatorMetrics } from "../../../src/telemetry/names.ts";
import {
  makeAttemptObservation,
  makeAttemptRecord,
  makeLabel,
  makeObservation,
  makeRecord,
} from "../../support/observations.ts";

const bound = 2_000;
const flood = 2_500;

/** Names of this many routes, backends, codes and whatever else stands in labels, no two alike. */
function observeStranger(telemetry: Telemetry, index: number): void {
  const name = (what: string): string => `${what}-${index}`;
  const [route, backend, tenant, code] = ["route", "backend", "tenant", "code"].map(name) as [
    string,
    string,
    string,
    string,
  ];
  const place = { route, tenant, request_model: name("model"), provider: name("provider") };
  const attempt = { backend, error_type: code };
  const observed = makeAttemptObservation({ provider: name("provider"), requestModel: name("m") });
  const guardrail = {
    kind: "guardrail",
    backend: null,
    tokens: null,
    units: 2,
    cost_usd: 0.1,
    basis: "metered",
  } as const;
  const { ledger } = makeRecord();
  telemetry.observe(
    makeObservation({
      record: makeRecord({
        ...place,
        attempts: [makeAttemptRecord(attempt), makeAttemptRecord({ ...attempt, kind: "hedge" })],
        ledger: [...ledger, ...ledger, guardrail],
        status: 500,
        error_type: code,
        fallback_reason: name("reason"),
        choice_reason: name("reason"),
        denied: "retry",
        envelope_missed: true,
        would_refuse: [name("bound")],
        would_divert: [name("bound")],
        limits: {
          action: "refuse",
          exceeded: [name("limit")],
          refused_by: name("limit"),
          denied: null,
          reserved_usd: 0,
        },
      }),
      attempts: [observed, observed],
      safety: [
        {
          filter: name("filter"),
          type: name("type"),
          owner: "route",
          stage: "input",
          action: "block",
          failure: null,
          rules: [name("rule")],
          offset: 1,
          duration: 1,
        },
      ],
    }),
  );
  const attempts = [makeAttemptRecord(attempt)];
  const golden = makeRecord({ ...place, arm: "golden", attempts });
  telemetry.observe(makeObservation({ record: golden, attempts: [observed] }));
  telemetry.tableLoaded({
    digest: name("digest"),
    loadedAt: 0,
    routes: 1,
    backends: 1,
    tenants: 1,
    propagationMs: 1,
  });
  telemetry.tableRefused(code);
  telemetry.backendEjected(backend, code);
  telemetry.storeCalled(name("operation"), 0.001, true);
  telemetry.settlementLost(code);
  telemetry.requestShed(code);
  telemetry.shadowEnded(route, code);
  telemetry.shadowCompared(route, code);
  telemetry.answerScored({ route, tenant, roles: ["served", "baseline"], score: 0.5 });
  telemetry.callerRefused(code);
  telemetry.labelled(makeLabel({ route, backend }), null);
  telemetry.issuerKeysFetched("error");
}

/** Gauges of what is there, each of more things than it has room for. */
function watchMultitudes(telemetry: Telemetry): void {
  const many = Array.from({ length: flood }, (_, index) => index);
  const interval = { estimate: 0.9, lower: 0.8, upper: 1 };
  telemetry.watchInFlight(() => 1);
  telemetry.watchDroppedRecords(() => 1);
  telemetry.watchBackends(() =>
    many.map((index) => ({ backend: `b-${index}`, state: "open", inFlight: 1, queued: 1 })),
  );
  telemetry.watchPlans(() =>
    many.map((index) => ({
      route: `route-${index}`,
      tenant: null,
      kept: interval,
      saved: interval,
      rollouts: [{ rollout: "current", share: 1, expiresInSeconds: 60 }],
    })),
  );
  telemetry.watchPromises(() =>
    many.map((index) => ({ route: `route-${index}`, objective: "total", value: 1 })),
  );
  telemetry.watchDrift(() =>
    many.map((index) => ({
      route: `route-${index}`,
      backend: "b",
      tenant: `tenant-${index}`,
      signal: "latency",
      state: "drifted",
      score: 0.5,
      threshold: 0.2,
      samples: 1_000,
    })),
  );
  telemetry.watchLimits(() => ({
    budgets: many.map((index) => ({ tenant: "tenant-0", limit: `l-${index}`, used: 1, most: 2 })),
    reservations: 1,
    store: { isAway: false, unsettled: 0 },
  }));
}

/** How many series each metric has, by its name here, and which of them hold what is past their bound. */
function countSeries(text: string): { counts: Map<string, number>; overflowing: Set<string> } {
  const counts = new Map<string, number>();
  const overflowing = new Set<string>();
  for (const line of text.split("\n")) {
    const shown = /^[a-z_]+/.exec(line)?.[0];
    if (shown === undefined || /_(?:bucket|sum)$/.test(shown)) continue;
    const name = Object.keys(metrics).find((each) => {
      const plain = each.replaceAll(".", "_");
      return [plain, `${plain}_total`, `${plain}_count`].includes(shown);
    });
    if (name === undefined) throw new Error(`${shown} is in no table`);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (line.includes("otel_metric_overflow")) overflowing.add(name);
  }
  return { counts, overflowing };
}

/** What has a fixed number of series whatever comes. */
const fixed = new Set<string>([
  "switchyard.issuer_keys.fetches",
  ...Object.entries(metrics).flatMap(([name, { required, optional }]) =>
    required.length + optional.length === 0 || name === "switchyard.table.info" ? [name] : [],
  ),
]);
const names = Object.keys(metrics).filter((name) => !Object.hasOwn(operatorMetrics, name));
const growing = names.filter(
  (name) => !fixed.has(name) && name !== "switchyard.metrics.overflowing",
);
const byTenantAlone = new Set<string>(["switchyard.limits.decisions"]);
const maxTenants = 100;

describe("a flood of names", () => {
  let text: string;
  let first: ReturnType<typeof countSeries>;
  let again: ReturnType<typeof countSeries>;

  beforeAll(async () => {
    const telemetry = await makeTelemetry({
      serviceName: "switchyard-router",
      serviceVersion: "0.1.0",
      instance: "router-1",
      namespace: "shop",
      routerClass: "default",
      maxTenants,
      log: makeLog({ output: { write: () => {} } }),
    });
    watchMultitudes(telemetry);
    for (let index = 0; index < flood; index += 1) observeStranger(telemetry, index);
    // A gauge that overflows is told of from the next reading on.
    await telemetry.metricsText();
    text = await telemetry.metricsText();
    first = countSeries(text);
    for (let index = flood; index < 2 * flood; index += 1) observeStranger(telemetry, index);
    again = countSeries(await telemetry.metricsText());
  }, 120_000);

  it.each(names)("leaves %s within its bound", (name) => {
    const { counts, overflowing } = first;
    expect(counts.get(name), "is told").toBeGreaterThan(0);
    expect(counts.get(name)).toBeLessThanOrEqual(bound + Number(overflowing.has(name)));
    if (fixed.has(name)) expect(counts.get(name)).toBe(1);
    if (byTenantAlone.has(name)) expect(counts.get(name)).toBe(maxTenants + 1);
  });

  it("is told of by name, and what was counted past the bound is counted in one series", () => {
    const told = new Set(
      [...text.matchAll(/^switchyard_metrics_overflowing\{switchyard_metric="([^"]+)"\} 1$/gm)].map(
        (match) => match[1],
      ),
    );
    const bounded = growing.filter((name) => !byTenantAlone.has(name));
    expect(told).toEqual(new Set(bounded));
    const counted = bounded.filter(
      (name) => metrics[name as keyof typeof metrics].kind !== "gauge",
    );
    expect(first.overflowing).toEqual(new Set(counted));
  });

  it("that goes on adds no series to any metric", () => {
    expect(again.counts).toEqual(first.counts);
  });
});
