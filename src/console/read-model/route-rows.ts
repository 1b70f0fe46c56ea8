import type { PlanEntry, RouteEntry, RoutingTable } from "../../table/index.ts";
import type { Facts } from "../facts.ts";
import type { Rates, RouteRow } from "../console-view.ts";
import { freshRatesOf, noFigures, ratesOf, savingsOf, worseWindow } from "./rates.ts";

const failingShare = 0.05;
const degradedShare = 0.1;

const worst = ["down", "failing", "degraded", "ok", "quiet"] as const;

/** Every route of the table, those in trouble first, then the busiest. */
export function routeRows(facts: Facts): RouteRow[] {
  if (facts.table === null) return [];
  const { entries } = facts.table;
  return Object.values(entries.routes)
    .map((route) => routeRow(route, entries, facts))
    .toSorted(
      (left, right) =>
        worst.indexOf(left.health) - worst.indexOf(right.health) ||
        right.requests - left.requests ||
        left.route.localeCompare(right.route),
    );
}

function routeRow(route: RouteEntry, { plans }: RoutingTable, facts: Facts): RouteRow {
  const figures = facts.traffic.routes.get(route.name) ?? noFigures;
  const { watchedMs } = facts.traffic;
  const rates = {
    ...ratesOf(figures.recent, watchedMs),
    fresh: freshRatesOf(figures.fresh, watchedMs),
  };
  const away = awayOf(route, facts);
  const candidates = route.candidates.length;
  const ready = candidates - away.filter(({ state }) => state === "open").length;
  return {
    ...rates,
    route: route.name,
    models: route.models,
    health: healthOf({ ...rates, ready, away: away.length }),
    candidates,
    ready,
    away,
    ...savingsOf(figures),
    requestsBySlot: figures.requestsBySlot,
    failedBySlot: figures.failedBySlot,
    choice: choiceOf(route, plans[route.name], facts.at),
    pinned: route.pinned !== undefined,
  };
}

function awayOf({ candidates }: RouteEntry, { backends }: Facts): RouteRow["away"] {
  return candidates.flatMap(({ backend }) => {
    const state = backends.get(backend)?.state ?? "closed";
    return state === "closed" ? [] : [{ backend, state }];
  });
}

interface Signs extends Rates {
  fresh: Rates;
  ready: number;
  away: number;
}

function healthOf(signs: Signs): RouteRow["health"] {
  if (signs.ready === 0) return "down";
  const worst = (name: "failedShare" | "fallbackShare" | "missedShare") =>
    worseWindow(signs, name)?.[name] ?? 0;
  if (worst("failedShare") >= failingShare) return "failing";
  const diverted = Math.max(worst("fallbackShare"), worst("missedShare"));
  if (signs.away > 0 || diverted >= degradedShare) return "degraded";
  return signs.requests === 0 ? "quiet" : "ok";
}

function choiceOf(route: RouteEntry, plan: PlanEntry | undefined, at: number): string {
  const { selection, quality, baseline, pinned } = route;
  if (pinned !== undefined) return `pinned to ${baseline}`;
  if (selection !== "CheapestWithinEnvelope")
    return selection === "Ordered" ? "in order" : "by weight";
  if (quality.assurance === "Estimated") return `cheapest, ${quality.floorPercent} % estimated`;
  const until = plan?.current?.certificate?.expiresAt;
  if (until === undefined) return `no certificate: ${baseline} serves`;
  if (until <= at) return `certificate expired: ${baseline} serves`;
  return `${quality.floorPercent} % certified until ${new Date(until).toISOString().slice(0, 10)}`;
}
