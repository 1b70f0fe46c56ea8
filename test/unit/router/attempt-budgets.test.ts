import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AttemptBudgets } from "../../../src/router/attempt-budgets.ts";
import type { RouteEntry } from "../../../src/table/index.ts";
import { backendEntry, routeEntry, standingClock } from "../routing/sample-entries.ts";

function routeWith(changes: Partial<RouteEntry["fallback"]>, name = "chat"): RouteEntry {
  const route = routeEntry([backendEntry("a")], { name });
  return { ...route, fallback: { ...route.fallback, ...changes } };
}

function open() {
  const clock = standingClock();
  return { clock, budgets: new AttemptBudgets(clock) };
}

/** How often a retry may be made in a row. */
function retriesLeft(budgets: AttemptBudgets, route: RouteEntry): number {
  let count = 0;
  while (budgets.hasRetry(route) && count < 1_000) {
    budgets.spendRetry(route);
    count += 1;
  }
  return count;
}

describe("a route's retry budget", () => {
  const route = routeWith({ retryBudgetPercent: 20 });

  it("lets a few through before any traffic, and a few more with every ten seconds", () => {
    const { budgets, clock } = open();
    expect(retriesLeft(budgets, route)).toBe(50);
    clock.advance(10_000);
    expect(retriesLeft(budgets, route)).toBe(5);
  });

  it("earns the route's share of its requests", () => {
    const { budgets } = open();
    retriesLeft(budgets, route);
    for (let request = 0; request < 100; request += 1) budgets.noteRequest(route);
    expect(retriesLeft(budgets, route)).toBe(20);
  });

  it("does not save up for an outage", () => {
    const { budgets, clock } = open();
    for (let request = 0; request < 10_000; request += 1) budgets.noteRequest(route);
    clock.advance(3_600_000);
    expect(retriesLeft(budgets, route)).toBe(50);
  });

  it("is never there where the author allows none", () => {
    const { budgets, clock } = open();
    const never = routeWith({ retryBudgetPercent: 0 });
    budgets.noteRequest(never);
    clock.advance(3_600_000);
    expect(budgets.hasRetry(never)).toBe(false);
  });

  it("owes nothing for a fallback that was let through without it", () => {
    const { budgets, clock } = open();
    retriesLeft(budgets, route);
    for (let fallback = 0; fallback < 100; fallback += 1) budgets.spendRetry(route);
    clock.advance(2_000);
    expect(retriesLeft(budgets, route)).toBe(1);
  });

  it("is each route's own, and forgotten with it", () => {
    const { budgets } = open();
    const other = routeWith({ retryBudgetPercent: 20 }, "other");
    retriesLeft(budgets, route);
    expect(budgets.hasRetry(other)).toBe(true);
    budgets.retain({ routes: { other } });
    expect(budgets.hasRetry(route)).toBe(true);
  });
});

describe("a route's hedges", () => {
  it("are never more than their share of the requests and the one it begins with", () => {
    const event = fc.constantFrom("request", "hedge", "second" as const);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(event, { maxLength: 400 }),
        (maxSharePercent, events) => {
          const { budgets, clock } = open();
          const route = routeWith({ hedge: { afterPercentile: 95, maxSharePercent } });
          let requests = 0;
          let hedges = 0;
          for (const each of events) {
            if (each === "second") clock.advance(1_000);
            else if (each === "hedge") hedges += budgets.takeHedge(route) ? 1 : 0;
            else {
              budgets.noteRequest(route);
              requests += 1;
            }
            expect(hedges).toBeLessThanOrEqual(1 + (requests * maxSharePercent) / 100);
          }
        },
      ),
    );
  });

  it("come to their share where every request wants one", () => {
    const { budgets } = open();
    const route = routeWith({ hedge: { afterPercentile: 95, maxSharePercent: 5 } });
    let hedges = 0;
    for (let request = 0; request < 1_000; request += 1) {
      budgets.noteRequest(route);
      if (budgets.takeHedge(route)) hedges += 1;
    }
    expect(hedges).toBe(51);
  });
});
