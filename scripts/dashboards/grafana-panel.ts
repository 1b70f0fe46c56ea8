// One panel as Grafana reads it: what it asks, and how it looks.
import type { Panel, Step } from "./panel.ts";

export type Json = Readonly<Record<string, unknown>>;

/** In columns and lines of the grid. */
export interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

export const datasource = { type: "prometheus", uid: "${datasource}" };

export const link = (title: string, url: string, changes: Json): Json => ({
  title,
  type: "link",
  url,
  icon: "external link",
  tooltip: "",
  tags: [],
  asDropdown: false,
  keepTime: false,
  includeVars: false,
  targetBlank: false,
  ...changes,
});

export function grafanaPanel(panel: Panel, id: number, gridPos: Place): Json {
  return {
    id,
    type: panel.kind,
    title: panel.title,
    description: panel.description,
    datasource,
    gridPos,
    ...(panel.runbook !== undefined && {
      links: [
        link(`Runbook of ${panel.runbook}`, `\${runbooks}#${panel.runbook.toLowerCase()}`, {
          targetBlank: true,
        }),
      ],
    }),
    targets: panel.queries.map((query, index) => ({
      refId: refId(index),
      datasource,
      editorMode: "code",
      expr: query.expr,
      legendFormat: query.legend ?? "__auto",
      ...asked[panel.kind],
    })),
    ...looks(panel),
  };
}

const refId = (index: number): string => String.fromCodePoint(65 + index);

const asked = {
  timeseries: { range: true, instant: false, format: "time_series" },
  stat: { range: true, instant: false, format: "time_series" },
  heatmap: { range: true, instant: false, format: "heatmap" },
  table: { range: false, instant: true, format: "table" },
} as const;

function thresholds(steps: readonly Step[] | undefined): Json {
  const all = steps ?? [{ color: "text" }];
  return { mode: "absolute", steps: all.map(({ color, from = null }) => ({ color, value: from })) };
}

const reduced = { calcs: ["lastNotNull"], fields: "", values: false };

function looks(panel: Panel): Json {
  switch (panel.kind) {
    case "stat":
      return {
        fieldConfig: {
          defaults: { unit: panel.unit, thresholds: thresholds(panel.steps) },
          overrides: [],
        },
        options: {
          reduceOptions: reduced,
          colorMode: "value",
          graphMode: "area",
          textMode: "auto",
          justifyMode: "auto",
          orientation: "auto",
        },
      };
    case "heatmap":
      return {
        fieldConfig: { defaults: {}, overrides: [] },
        options: {
          calculate: false,
          cellGap: 1,
          color: {
            mode: "scheme",
            scheme: "Oranges",
            reverse: false,
            steps: 64,
            exponent: 0.5,
            fill: "dark-orange",
          },
          yAxis: { unit: panel.unit, axisPlacement: "left" },
          tooltip: { mode: "single", yHistogram: true, showColorScale: false },
          legend: { show: true },
          rowsFrame: { layout: "auto" },
          showValue: "never",
        },
      };
    case "table":
      return tableLooks(panel);
    case "timeseries":
      return timeseriesLooks(panel);
  }
}

function timeseriesLooks(panel: Extract<Panel, { kind: "timeseries" }>): Json {
  const stacked = panel.stacked === true;
  return {
    fieldConfig: {
      defaults: {
        unit: panel.unit,
        ...(panel.signed !== true && { min: 0 }),
        ...(panel.max !== undefined && { max: panel.max }),
        thresholds: thresholds(panel.steps),
        custom: {
          drawStyle: "line",
          lineWidth: 1,
          fillOpacity: stacked ? 30 : 5,
          showPoints: "never",
          spanNulls: false,
          stacking: { mode: stacked ? "normal" : "none", group: "A" },
          thresholdsStyle: { mode: panel.steps === undefined ? "off" : "dashed" },
        },
      },
      overrides: [],
    },
    options: {
      legend: {
        displayMode: "table",
        placement: "bottom",
        showLegend: true,
        calcs: ["lastNotNull", "max"],
      },
      tooltip: { mode: "multi", sort: "desc" },
    },
  };
}

function tableLooks({ queries, rows, steps }: Extract<Panel, { kind: "table" }>): Json {
  const names = queries.map(({ name }, index) => [`Value #${refId(index)}`, name]);
  return {
    transformations: [
      { id: "merge", options: {} },
      {
        id: "organize",
        options: {
          excludeByName: { Time: true },
          renameByName: { ...Object.fromEntries(names), [rows.label]: rows.name },
          indexByName: {},
        },
      },
    ],
    fieldConfig: {
      defaults: { thresholds: thresholds(steps), custom: { align: "auto", filterable: true } },
      overrides: queries.map(({ name, unit }) => ({
        matcher: { id: "byName", options: name },
        properties: [{ id: "unit", value: unit }],
      })),
    },
    options: {
      showHeader: true,
      cellHeight: "sm",
      sortBy: [{ displayName: queries[0]?.name, desc: true }],
    },
  };
}
