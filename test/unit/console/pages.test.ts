import { describe, expect, it } from "vitest";
import { consoleDocument } from "../../../src/console/render/document.ts";
import { viewOf } from "../../../src/console/read-model/view-of.ts";
import { matching } from "../../../src/console/read-model/matching.ts";
import { addressOf, wishOf } from "../../../src/console/wish.ts";
import type { RequestRecord } from "../../../src/records/index.ts";
import {
  answered,
  backendState,
  factsOf,
  failed,
  servedTable,
  tableOf,
} from "../../support/console-facts.ts";
import { driftFinding, driftReport, routeDrift } from "../../support/drift-report.ts";
import { makeAttemptRecord } from "../../support/observations.ts";
import { backendEntry, byName, routeEntry } from "../routing/sample-entries.ts";

const off = { kind: "off" } as const;
const pageOf = (facts = factsOf(), query: object = {}) =>
  consoleDocument(viewOf(facts), facts.traffic.requests, off, wishOf(query));

const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script>'`;
const marked = (what: string) => `${what}${hostile}`;

describe("a page", () => {
  it("says for which pod it speaks, with its group, version and table", () => {
    const page = pageOf();
    for (const words of ["router-7d9f-abcde", "shop, default", "1.2.3", "0123456789ab"])
      expect(page).toContain(words);
  });

  it("holds no script, style or handler of its own, whatever it shows", () => {
    const page = pageOf();
    expect(page.match(/<script[^>]*>/g)).toEqual([
      '<script type="module" src="/console/refresh.js">',
    ]);
    expect(page).not.toMatch(/<style|style="| on[a-z]+="/);
  });

  it("shows markup in any name as text", () => {
    const backend = backendEntry(marked("b"));
    const route = routeEntry([backend], {
      name: marked("r"),
      models: [marked("m")],
      baseline: marked("b"),
    });
    const record = answered({
      route: marked("r"),
      tenant: marked("t"),
      request_id: marked("id"),
      request_model: marked("m"),
      response_model: marked("m"),
      error_type: marked("e"),
      status: 502,
      fallback_reason: marked("f"),
      choice_reason: marked("c"),
      unfamiliar: [marked("u")],
      attempts: [makeAttemptRecord({ backend: marked("b"), error_type: marked("e") })],
      safety: { action: "block", rule_ids: [marked("rule")] },
    });
    const finding = driftFinding({ sentence: marked("s") });
    const facts = factsOf({
      table: servedTable(tableOf([route], { backends: byName([backend]) })),
      backends: new Map([[backend.name, backendState({ state: "open", reason: marked("why") })]]),
      problems: [marked("problem")],
      ignoredPlans: [marked("plan")],
      budgets: [{ tenant: marked("t"), limit: marked("l"), used: 2, most: 1 }],
      records: Array.from({ length: 20 }, () => record),
      drift: {
        kind: "report",
        hasPage: true,
        report: {
          ...driftReport({ [marked("r")]: routeDrift({ series: [finding] }) }),
          missing: [marked("x")],
        },
      },
    });
    const queries = [
      {},
      { request: marked("id") },
      { request: marked("other"), route: marked("r"), tenant: marked("t"), id: marked("id") },
      { scope: "group" },
    ];
    for (const query of queries) {
      const page = pageOf(facts, query);
      expect(page).not.toMatch(/<img|<script>|<\/script>'/);
      expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;");
    }
  });

  it("explains a request that is still kept, and says so of one that is not", () => {
    const facts = factsOf({
      records: [
        answered({
          request_id: "req_1",
          choice_reason: "planned",
          attempts: [
            makeAttemptRecord({
              backend: "a",
              error_type: "throttled",
              status: 429,
              start_ms: 1,
              ms: 30,
            }),
            makeAttemptRecord({ backend: "b", kind: "fallback", start_ms: 32, ms: 300 }),
          ],
          fallback_reason: "RateLimited",
        }),
      ],
    });
    const page = pageOf(facts, { request: "req_1" });
    for (const words of ["after a fallback (RateLimited)", "throttled (429)", "the plan chose it"])
      expect(page.toLowerCase()).toContain(words.toLowerCase());
    expect(pageOf(facts, { request: "req_2" })).toContain("not among the last ones any more");
  });

  it("says that a whole group needs a store, where none is set up", () => {
    expect(pageOf(factsOf(), { scope: "group" })).toContain("SWITCHYARD_PROMETHEUS_URL");
  });

  it("shows a hundred rows of thousands of routes, those in trouble first, and says how many are left", () => {
    const backend = backendEntry("a");
    const routes = Array.from({ length: 2_000 }, (_, index) =>
      routeEntry([backend], { name: `route-${String(index).padStart(4, "0")}`, baseline: "a" }),
    );
    const records = Array.from({ length: 20 }, () => ({
      ...failed("internal"),
      route: "route-1999",
    }));
    const view = viewOf(factsOf({ table: servedTable(tableOf(routes)), records }));
    expect(view.routes[0]).toMatchObject({ route: "route-1999", health: "failing" });
    expect([view.routes.length, view.leftOut.routes]).toEqual([100, 1_900]);
  });
});

describe("a filter of requests", () => {
  const named = (request_id: string, record: RequestRecord) => ({ ...record, request_id });
  const records = [
    named("req_ok", answered({ trace_id: "abcdef01" })),
    named("req_bad", failed("internal")),
    named("req_moved", answered({ fallback_reason: "RateLimited", tenant: "acme" })),
    named("req_limited", answered({ status: 429, route: "other" })),
  ];
  const found = (query: object) =>
    matching(records, wishOf(query).filter).map(({ request_id: id }) => id);

  it.each<[object, string[]]>([
    [{}, ["req_ok", "req_bad", "req_moved", "req_limited"]],
    [{ route: "chat" }, ["req_ok", "req_bad", "req_moved"]],
    [{ tenant: "acme" }, ["req_moved"]],
    [{ outcome: "failed" }, ["req_bad"]],
    [{ outcome: "fallback" }, ["req_moved"]],
    [{ outcome: "answered" }, ["req_ok", "req_moved"]],
    [{ outcome: "unplanned" }, ["req_bad", "req_moved", "req_limited"]],
    [{ outcome: "limited", route: "other" }, ["req_limited"]],
    [{ outcome: "nonsense" }, ["req_ok", "req_bad", "req_moved", "req_limited"]],
    [{ id: "ABCDEF" }, ["req_ok"]],
    [{ id: "req_m" }, ["req_moved"]],
    [{ id: ["a", "b"], route: { deep: 1 } }, ["req_ok", "req_bad", "req_moved", "req_limited"]],
  ])("of %j lets through what it says", (query, expected) => {
    expect(found(query)).toEqual(expected);
  });

  it("is kept in the address, whatever it holds", () => {
    const query = {
      scope: "group",
      route: marked("r"),
      tenant: "a&b=c",
      outcome: "failed",
      id: "x y",
      request: "#1",
      all: "yes",
    };
    const wish = wishOf(query);
    const address = new URL(addressOf(wish), "http://localhost");
    expect(wishOf(Object.fromEntries(address.searchParams))).toEqual(wish);
    expect(address.hash).toBe("");
  });
});
