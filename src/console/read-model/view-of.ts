import type { ConsoleView, TableView } from "../console-view.ts";
import type { Facts, ServedTable } from "../facts.ts";
import { hintsOf } from "../hints/hints-of.ts";
import { backendRows } from "./backend-rows.ts";
import { driftView } from "./drift-view.ts";
import { latencyRows } from "./latency-rows.ts";
import { ratesOf, sumOf } from "./rates.ts";
import { routeRows } from "./route-rows.ts";
import { spendRows } from "./spend-rows.ts";

/** As many rows as a page shows of each kind: more of them nobody reads. */
const mostRows = 100;

/** What the console shows of one moment. */
export function viewOf(facts: Facts): ConsoleView {
  const { at, pod, traffic } = facts;
  const found = {
    routes: routeRows(facts),
    backends: backendRows(facts),
    latency: latencyRows(facts),
    spend: spendRows(facts),
  };
  const drift = driftView(facts.drift);
  const left = (rows: readonly unknown[]) => Math.max(0, rows.length - mostRows);
  return {
    at,
    pod,
    table: facts.table === null ? null : tableView(facts.table, at),
    hints: hintsOf({ facts, ...found, drift }),
    overall: ratesOf(sumOf([...traffic.routes.values(), traffic.unrouted]), traffic.watchedMs),
    routes: found.routes.slice(0, mostRows),
    backends: found.backends.slice(0, mostRows),
    latency: found.latency.slice(0, mostRows),
    spend: found.spend.slice(0, mostRows),
    leftOut: {
      routes: left(found.routes),
      backends: left(found.backends),
      latency: left(found.latency),
      spend: left(found.spend),
    },
    drift,
  };
}

function tableView({ digest, loadedAt, confirmedAt, entries }: ServedTable, at: number): TableView {
  return {
    digest,
    loadedAt,
    unconfirmedMs: confirmedAt === null ? null : Math.max(0, at - confirmedAt),
    routes: Object.keys(entries.routes).length,
    backends: Object.keys(entries.backends).length,
    tenants: Object.keys(entries.tenants).length,
  };
}
