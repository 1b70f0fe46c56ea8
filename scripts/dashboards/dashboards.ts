// The dashboards that the chart brings to Grafana, and whoever likes imports by hand: docs/dashboards.md.
import { drift } from "./drift.ts";
import { grafanaJson } from "./grafana.ts";
import { latency } from "./latency.ts";
import { operations } from "./operations.ts";
import { overview } from "./overview.ts";
import type { Dashboard } from "./panel.ts";
import { safety } from "./safety.ts";

const dashboards: readonly Dashboard[] = [overview, latency, safety, drift, operations];

/** By file in the chart's folder `dashboards`. */
export const dashboardFiles = (): ReadonlyMap<string, string> =>
  new Map(
    dashboards.map((dashboard) => {
      const others = dashboards.filter((each) => each !== dashboard);
      const json = grafanaJson(dashboard, others);
      return [`${dashboard.uid}.json`, `${JSON.stringify(json, undefined, 2)}\n`];
    }),
  );
