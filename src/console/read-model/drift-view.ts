import type { DriftReport, RouteDrift } from "../../table/index.ts";
import type { DriftRow, DriftView } from "../console-view.ts";
import type { DriftLook } from "../facts.ts";

/** Findings of a route that a page has room for. */
const mostFindings = 8;

export function driftView(look: DriftLook): DriftView {
  if (look.kind === "none") {
    return { lookedAt: null, why: look.why, source: null, hasPage: false, routes: [], missing: [] };
  }
  const { report, hasPage } = look;
  const { lookedAt, source, missing } = report;
  return { lookedAt, why: null, source, hasPage, routes: driftRows(report), missing };
}

function driftRows({ routes }: DriftReport): DriftRow[] {
  return Object.entries(routes)
    .map(([route, drift]) => driftRow(route, drift))
    .toSorted(
      (left, right) =>
        right.drifted.length - left.drifted.length || left.route.localeCompare(right.route),
    );
}

function driftRow(route: string, drift: RouteDrift): DriftRow {
  const { latency, accuracy, envelope, pinned, series } = drift;
  const judged = [latency, accuracy, envelope].filter((each) => each !== null);
  return {
    route,
    latency: latency.state,
    accuracy: accuracy?.state ?? null,
    envelope: envelope?.state ?? null,
    pinnedSince: pinned?.since ?? null,
    sentences: judged.filter(({ state }) => state === "drifted").map(({ sentence }) => sentence),
    drifted: series.filter(({ state }) => state === "drifted").slice(0, mostFindings),
    watched: series.length + drift.left,
  };
}
