import { describe, expect, it } from "vitest";
import type { Hint } from "../../../src/console/console-view.ts";
import type { BackendState, Facts } from "../../../src/console/facts.ts";
import { failureInWords } from "../../../src/console/hints/failure-words.ts";
import { viewOf } from "../../../src/console/read-model/view-of.ts";
import { providerErrors } from "../../../src/providers/provider-error.ts";
import type { RequestRecord } from "../../../src/records/index.ts";
import {
  answered,
  backendState,
  factsOf,
  failed,
  handClock,
  now,
  servedTable,
  tableOf,
  trafficOf,
} from "../../support/console-facts.ts";
import { driftReport, routeDrift } from "../../support/drift-report.ts";
import { makeAttemptRecord } from "../../support/observations.ts";
import { certificate, plan, planEntry } from "../../support/plan-entry.ts";
import { backendEntry, byName, routeEntry } from "../routing/sample-entries.ts";
import { tenantEntry } from "../tenancy/sample-entries.ts";

const times = (count: number, record: RequestRecord): RequestRecord[] =>
  Array.from({ length: count }, () => record);

const [a, b] = [backendEntry("a"), backendEntry("b")];
const only = (name: string) => routeEntry([a], { name, baseline: "a", selection: "Ordered" });
const certified = routeEntry([a, b], {
  name: "chat",
  baseline: "b",
  selection: "CheapestWithinEnvelope",
  quality: { floorPercent: 90, assurance: "Certified" },
});
const ejected = backendState({
  state: "open",
  sinceAt: now - 120_000,
  reason: "consecutive_failures",
  probeAt: now + 12_000,
});
const backends = (changes: { a: BackendState }) =>
  new Map([
    ["a", changes.a],
    ["b", backendState()],
  ]);
const fellBack = answered({
  fallback_reason: "RateLimited",
  attempts: [
    makeAttemptRecord({ backend: "a", error_type: "throttled", status: 429 }),
    makeAttemptRecord({ backend: "b", kind: "fallback" }),
  ],
});
const acme = (onExceeded: "Reject" | "Downgrade") =>
  servedTable(
    tableOf(undefined, {
      tenants: {
        acme: tenantEntry("acme", {
          budgets: [{ window: "Day", timeZone: "UTC", microUsd: 10_000_000, onExceeded }],
          enforcement: "Enforce",
        }),
      },
    }),
  );
const budget = (used: number) => [{ tenant: "acme", limit: "budget_day_usd", used, most: 10 }];
const refusedByBudget = answered({
  tenant: "acme",
  status: 429,
  attempts: [],
  limits: {
    action: "refuse",
    exceeded: ["budget_day_usd"],
    refused_by: "budget_day_usd",
    denied: null,
    reserved_usd: 0,
  },
});
const planned = (expiresAt: number) =>
  servedTable(
    tableOf([certified], {
      plans: { chat: planEntry({ current: plan({ certificate: certificate({ expiresAt }) }) }) },
    }),
  );

interface Case {
  facts: Partial<Facts> & { records?: readonly RequestRecord[] };
  code: string;
  severity: Hint["severity"];
  says: readonly string[];
}

const cases: Record<string, Case> = {
  "no table": {
    facts: { table: null },
    code: "no_table",
    severity: "urgent",
    says: ["503"],
  },
  "a table whose source is silent for minutes": {
    facts: { table: servedTable(tableOf(), { confirmedAt: now - 240_000 }) },
    code: "table_unconfirmed",
    severity: "warning",
    says: ["4 min"],
  },
  "a table whose source is silent for long": {
    facts: { table: servedTable(tableOf(), { confirmedAt: now - 3_600_000 }) },
    code: "table_unconfirmed",
    severity: "urgent",
    says: ["1 h"],
  },
  "a problem of the source": {
    facts: { problems: ["routes.yaml does not parse"] },
    code: "source_problem",
    severity: "warning",
    says: ["routes.yaml does not parse"],
  },
  "plans that no request follows": {
    facts: { ignoredPlans: ["The plan chat was made with another classifier"] },
    code: "plans_ignored",
    severity: "warning",
    says: ["The plan chat was made with another classifier"],
  },
  "a route that fails, with the backend and the code behind it": {
    facts: { records: [...times(15, answered()), ...times(5, failed("model_error"))] },
    code: "route_failing",
    severity: "urgent",
    says: ["Route chat", "25 %", "server_error", "backend a", "(model_error)"],
  },
  "a route that fails a little": {
    facts: { records: [...times(98, answered()), ...times(2, failed("timeout"))] },
    code: "route_failing",
    severity: "warning",
    says: ["2 %", "timeout"],
  },
  "a route that falls back, with the backend that is left": {
    facts: { records: [...times(15, answered()), ...times(5, fellBack)] },
    code: "fallback_share",
    severity: "warning",
    says: ["Route chat", "25 %", "backend a", "throttled"],
  },
  "a route that misses its envelope": {
    facts: { records: times(20, answered({ envelope_missed: true })) },
    code: "envelope_missed",
    severity: "warning",
    says: ["Route chat", "100 %", "envelope"],
  },
  "a route whose backends turn requests away": {
    facts: {
      records: times(
        20,
        answered({
          status: 429,
          attempts: [makeAttemptRecord({ backend: "a", error_type: "throttled" })],
        }),
      ),
    },
    code: "route_limited",
    severity: "warning",
    says: ["Route chat", "429", "backend a", "throttled"],
  },
  "a route whose tenants have used up a limit": {
    facts: { records: times(20, refusedByBudget) },
    code: "route_limited",
    severity: "warning",
    says: ["Route chat", "day budget"],
  },
  "an ejected backend where others serve": {
    facts: { backends: backends({ a: ejected }) },
    code: "backend_ejected",
    severity: "warning",
    says: ["Backend a", "2 min", "one call after the other", "Route chat", "others serve"],
  },
  "an ejected backend that is all that a route has": {
    facts: { backends: backends({ a: ejected }), table: servedTable(tableOf([only("alone")])) },
    code: "backend_ejected",
    severity: "urgent",
    says: ["Backend a", "Route alone", "nothing else is ready"],
  },
  "a route with no candidate that is ready": {
    facts: { backends: backends({ a: ejected }), table: servedTable(tableOf([only("alone")])) },
    code: "route_down",
    severity: "urgent",
    says: ["Route alone", "a is ejected"],
  },
  "a route that has lost all candidates": {
    facts: { table: servedTable(tableOf([routeEntry([], { name: "bare", baseline: "a" })])) },
    code: "route_down",
    severity: "urgent",
    says: ["Route bare", "no candidate left"],
  },
  "a backend that is being tried again": {
    facts: { backends: backends({ a: { ...ejected, state: "half_open", probeAt: null } }) },
    code: "backend_ejected",
    severity: "notice",
    says: ["Backend a", "tried again"],
  },
  "requests that wait for a place": {
    facts: { backends: backends({ a: backendState({ inFlight: 50, queued: 7 }) }) },
    code: "backend_full",
    severity: "warning",
    says: ["7 requests wait", "backend a"],
  },
  "a backend that fails and is not ejected": {
    facts: {
      records: [...times(10, answered()), ...times(10, { ...fellBack, fallback_reason: null })],
    },
    code: "backend_failing",
    severity: "warning",
    says: ["Backend a", "50 %", "route chat", "(throttled)"],
  },
  "a budget that refuses": {
    facts: { table: acme("Reject"), budgets: budget(10) },
    code: "budget_spent",
    severity: "urgent",
    says: ["Tenant acme", "100 %", "day budget", "$10.00", "refused"],
  },
  "a budget that has too little left for another request": {
    facts: { table: acme("Reject"), budgets: budget(9.999), records: [refusedByBudget] },
    code: "budget_spent",
    severity: "urgent",
    says: ["Tenant acme", "99.9 %"],
  },
  "a budget that downgrades": {
    facts: { table: acme("Downgrade"), budgets: budget(12) },
    code: "budget_spent",
    severity: "warning",
    says: ["120 %", "cheapest"],
  },
  "a budget that is nearly spent": {
    facts: { table: acme("Reject"), budgets: budget(9.5) },
    code: "budget_nearly_spent",
    severity: "warning",
    says: ["95 %"],
  },
  "a store of limits that is away": {
    facts: { limitStore: { isAway: true, unsettled: 3 } },
    code: "limit_store_away",
    severity: "urgent",
    says: ["3 settlements"],
  },
  "records that were lost": {
    facts: { droppedRecords: 12 },
    code: "records_dropped",
    severity: "warning",
    says: ["12 records"],
  },
  "a pinned route": {
    facts: {
      table: servedTable(
        tableOf([{ ...certified, pinned: { since: now - 7_200_000, reason: "accuracy fell" } }]),
      ),
    },
    code: "route_pinned",
    severity: "warning",
    says: ["Route chat", "baseline b", "2 h", "accuracy fell"],
  },
  "a Certified route without a certificate": {
    facts: { table: servedTable(tableOf([certified])) },
    code: "no_certificate",
    severity: "notice",
    says: ["chat"],
  },
  "a certificate that has expired": {
    facts: { table: planned(now - 1) },
    code: "certificate_expired",
    severity: "warning",
    says: ["chat"],
  },
  "a certificate that ends within a day": {
    facts: { table: planned(now + 3_600_000) },
    code: "certificate_ending",
    severity: "notice",
    says: ["chat"],
  },
  "a route that is dearer than its baseline": {
    facts: { records: times(100, answered({ cost_usd: 2, baseline_cost_usd: 1 })) },
    code: "dearer_than_baseline",
    severity: "notice",
    says: ["Route chat", "100 %"],
  },
  "requests that reach no route": {
    facts: { records: times(20, answered({ route: null, status: 404 })) },
    code: "unrouted",
    severity: "notice",
    says: ["20 requests"],
  },
  "drift, in the words of its report": {
    facts: {
      at: driftReport().lookedAt + 60_000,
      drift: { kind: "report", report: driftReport({ assistant: routeDrift() }), hasPage: false },
    },
    code: "drifted",
    severity: "warning",
    says: ["Route assistant", "rose by 37 % at the median"],
  },
  "a drift report that is old": {
    facts: {
      at: driftReport().lookedAt + 3 * 86_400_000,
      drift: { kind: "report", report: driftReport(), hasPage: false },
    },
    code: "drift_unwatched",
    severity: "notice",
    says: ["3 d"],
  },
};

describe("what is wrong now", () => {
  it("is nothing where all is well", () => {
    expect(viewOf(factsOf({ records: times(50, answered()) })).hints).toEqual([]);
  });

  it.each(Object.entries(cases))("is %s", (_, { facts, code, severity, says }) => {
    const { hints } = viewOf(factsOf(facts));
    const found = hints.find((each) => each.code === code);
    expect(found, JSON.stringify(hints.map((each) => each.code))).toBeDefined();
    expect(found?.severity).toBe(severity);
    for (const words of says) expect(found?.sentence).toContain(words);
    expect(found?.advice).not.toBe("");
    expect(found?.sentence.endsWith(".")).toBe(false);
  });

  it("is a backend that has become slow within two minutes, though fallback may hide it", () => {
    const clock = handClock();
    const took = (ms: number) => answered({ attempts: [makeAttemptRecord({ backend: "a", ms })] });
    const traffic = trafficOf(times(60, took(700)), clock);
    clock.pass(5 * 60_000);
    for (const record of times(20, took(3_700))) traffic.write(record);
    const [hint] = viewOf(factsOf({ traffic: traffic.read() })).hints;
    expect(hint).toMatchObject({ code: "backend_slow", route: "chat", backend: "a" });
    expect(hint?.sentence).toMatch(/Backend a has become [45]\.\d times as slow on route chat/);
  });

  it("is an incident of the last minute, though five good minutes hide it in what they sum up", () => {
    const clock = handClock();
    const traffic = trafficOf(times(1_000, answered()), clock);
    clock.pass(4 * 60_000);
    for (const record of [...times(30, answered()), ...times(12, fellBack)]) traffic.write(record);
    for (const record of times(6, failed("internal"))) traffic.write(record);
    const view = viewOf(factsOf({ traffic: traffic.read() }));
    const said = view.hints.map(({ code, sentence }) => `${code}: ${sentence}`).join("\n");
    expect(said).toMatch(
      /route_failing: Route chat answers 13 % of its 48 requests of the last minute/,
    );
    expect(said).toMatch(/fallback_share: Route chat falls back on 25 % of its 48 requests/);
    expect(said).toMatch(
      /backend_failing: Backend a fails 38 % of its 48 attempts of the last minute/,
    );
    expect(view.routes[0]?.health).toBe("failing");
  });

  it("is not a failure or two of the last minute, whatever share of it they are", () => {
    const clock = handClock();
    const traffic = trafficOf(times(1_000, answered()), clock);
    clock.pass(4 * 60_000);
    for (const record of [...times(9, answered()), ...times(2, failed("internal"))])
      traffic.write(record);
    expect(viewOf(factsOf({ traffic: traffic.read() })).hints).toEqual([]);
  });

  it("is not that a route cost a few cents more than its baseline", () => {
    const records = times(200, answered({ cost_usd: 0.002, baseline_cost_usd: 0.001 }));
    expect(viewOf(factsOf({ records })).hints).toEqual([]);
  });

  it.each(Object.keys(providerErrors))(
    "has words for a backend that ends calls with %s",
    (code) => {
      expect(failureInWords(code)).toMatch(/^(?!fails)[a-z].* \([a-z_]+\)$/);
      expect(failureInWords(code)).toContain(`(${code})`);
    },
  );

  it("is not a few failures of few requests, nor a slow answer alone", () => {
    const few = [...times(3, answered()), ...times(2, failed("internal"))];
    expect(viewOf(factsOf({ records: few })).hints).toEqual([]);
  });

  it("is told the worst first, and no more of it than anybody reads", () => {
    const many = byName(Array.from({ length: 80 }, (_, index) => backendEntry(`b${index}`)));
    const states = new Map(Object.keys(many).map((name) => [name, ejected]));
    const { hints } = viewOf(
      factsOf({
        backends: states,
        table: servedTable(tableOf([only("alone")], { backends: many })),
        limitStore: { isAway: true, unsettled: 0 },
        droppedRecords: 1,
      }),
    );
    const order = ["urgent", "warning", "notice"];
    const severities = hints.map(({ severity }) => order.indexOf(severity));
    expect(severities).toEqual(severities.toSorted((left, right) => left - right));
    expect(hints.length).toBe(50);
    expect(hints[0]?.severity).toBe("urgent");
  });
});
