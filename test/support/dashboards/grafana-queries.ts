// What Grafana would ask for a dashboard, from its JSON as the chart ships it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const dashboardFolder = "charts/switchyard/dashboards";

interface PanelJson {
  id: number;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig: { defaults: { unit?: string }; overrides: unknown[] };
  options?: { yAxis?: { unit: string } };
  type: string;
  description?: string;
  links?: { url: string }[];
  targets?: { refId: string; expr: string; legendFormat: string }[];
  panels?: PanelJson[];
}

export interface DashboardJson {
  uid: string;
  title: string;
  panels: PanelJson[];
  templating: { list: { name: string; type: string; definition?: string; allValue?: string }[] };
}

export const readDashboards = (): DashboardJson[] =>
  readdirSync(dashboardFolder).map(
    (file) => JSON.parse(readFileSync(join(dashboardFolder, file), "utf8")) as DashboardJson,
  );

/** Those within folded rows, too; rows themselves are none. */
export const panelsOf = ({ panels }: DashboardJson): PanelJson[] =>
  panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).filter(({ type }) => type !== "row");

/** One for each query of each panel, with where it stands. */
export const queriesOf = (dashboard: DashboardJson): { where: string; expr: string }[] =>
  panelsOf(dashboard).flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr }) => ({ where: `${title}, ${refId}`, expr })),
  );

/**
 * A query as Prometheus gets it, for a dashboard that shows its last minute.
 *
 * @param chosen what a person picked of a variable; all that there is of the others
 */
export function expanded(expr: string, chosen: Readonly<Record<string, string>> = {}): string {
  const times = { __rate_interval: "30s", __range: "60s", __interval: "1s" };
  const all = { namespace: ".*", route: ".*", backend: ".*", tenant: ".*" };
  const values: Readonly<Record<string, string>> = { ...times, ...all, ...chosen };
  return expr.replaceAll(/\$(\w+)/g, (_whole, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`No variable is called ${name}: ${expr}`);
    return value;
  });
}

/** What a variable's query asks: the series, and the label whose values are shown. */
export function labelValues(definition: string): { selector: string; label: string } {
  const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
  if (selector === undefined || label === undefined) throw new Error(`No labels: ${definition}`);
  return { selector, label };
}
