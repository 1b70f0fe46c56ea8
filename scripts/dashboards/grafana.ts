// Dashboards as Grafana reads them: its JSON of schema version 39, which Grafana 10 and later import.
import { prometheusLabel, prometheusName } from "../../src/telemetry/index.ts";
import { datasource, grafanaPanel, type Json, link } from "./grafana-panel.ts";
import type { Dashboard, Row } from "./panel.ts";
import { choices } from "./query.ts";

const schemaVersion = 39;
const columns = 24;

/** What a person changes once, to where the runbooks are; the chart does it by its value. */
const runbooksDefault = "docs/runbooks.md";

export function grafanaJson(dashboard: Dashboard, others: readonly Dashboard[]): Json {
  return {
    uid: dashboard.uid,
    title: dashboard.title,
    description: dashboard.description,
    tags: ["switchyard"],
    schemaVersion,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: "30s",
    time: { from: "now-3h", to: "now" },
    timezone: "browser",
    annotations: { list: [alerts] },
    links: others.map(({ uid, title }) =>
      link(title.replace("Switchyard / ", ""), `/d/${uid}`, { keepTime: true, includeVars: true }),
    ),
    templating: { list: variables(dashboard) },
    panels: numbered(dashboard.rows),
  };
}

/** Where an alert fired, a mark over every panel. */
const alerts: Json = {
  name: "Alerts",
  datasource,
  enable: true,
  hide: false,
  iconColor: "red",
  expr: `ALERTS{alertname=~"Switchyard.*", alertstate="firing"}`,
  step: "60s",
  titleFormat: "{{alertname}}",
  tagKeys: "switchyard_route,switchyard_backend,switchyard_tenant",
};

function variables({ choices: chosen }: Dashboard): Json[] {
  const requests = prometheusName("switchyard.requests");
  const attempts = prometheusName("switchyard.attempts");
  const within = 'namespace=~"$namespace"';
  const values = {
    route: `label_values(${requests}{${within}}, ${prometheusLabel(choices.route)})`,
    backend: `label_values(${attempts}{${within}}, ${prometheusLabel(choices.backend)})`,
    tenant: `label_values(${requests}{${within}}, ${prometheusLabel(choices.tenant)})`,
  };
  return [
    {
      name: "datasource",
      label: "Source",
      type: "datasource",
      query: "prometheus",
      hide: 0,
      refresh: 1,
      regex: "",
      multi: false,
      includeAll: false,
      options: [],
    },
    choice(
      "namespace",
      `label_values(${prometheusName("switchyard.table.info")}, namespace)`,
      "Namespace",
    ),
    ...chosen.map((name) =>
      choice(
        name,
        values[name],
        name.replace(/^./, (first) => first.toUpperCase()),
      ),
    ),
    {
      name: "runbooks",
      label: "Runbooks",
      description: "Where the sections of runbooks are read",
      type: "textbox",
      query: runbooksDefault,
      current: { selected: true, text: runbooksDefault, value: runbooksDefault },
      options: [{ selected: true, text: runbooksDefault, value: runbooksDefault }],
      hide: 2,
    },
  ];
}

const choice = (name: string, query: string, label: string): Json => ({
  name,
  label,
  type: "query",
  datasource,
  definition: query,
  query: { query, refId: `variable-${name}` },
  // A series without the label is among all, too.
  allValue: ".*",
  includeAll: true,
  multi: true,
  current: { selected: true, text: ["All"], value: ["$__all"] },
  options: [],
  refresh: 2,
  regex: "",
  sort: 1,
  hide: 0,
});

/** From left to right, and on the next line where one is full. */
function numbered(rows: readonly Row[]): Json[] {
  let id = 0;
  let top = 0;
  return rows.flatMap((row) => {
    const header = {
      id: (id += 1),
      type: "row",
      title: row.title,
      collapsed: row.collapsed === true,
      gridPos: { x: 0, y: top, w: columns, h: 1 },
    };
    let [x, y, height] = [0, top + 1, 0];
    const panels = row.panels.map((panel) => {
      const [w, h] = [panel.width ?? usualWidth[panel.kind], heights[panel.kind]];
      if (x + w > columns) [x, y, height] = [0, y + height, 0];
      const place = { x, y, w, h };
      [x, height] = [x + w, Math.max(height, h)];
      return grafanaPanel(panel, (id += 1), place);
    });
    top = row.collapsed === true ? top + 1 : y + height;
    return row.collapsed === true
      ? [{ ...header, panels }]
      : [{ ...header, panels: [] }, ...panels];
  });
}

const usualWidth = { stat: 4, timeseries: 8, heatmap: 12, table: 24 } as const;
const heights = { stat: 4, timeseries: 8, heatmap: 8, table: 8 } as const;
