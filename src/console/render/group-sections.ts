import { markup, type Markup, type Piece } from "../../lib/index.ts";
import type { ConsoleView } from "../console-view.ts";
import type {
  GroupBackend,
  GroupLatency,
  GroupLook,
  GroupRoute,
  GroupSpend,
  GroupView,
  Quantiles,
} from "../group/group-look.ts";
import { dollars, limitInWords, millis, percent } from "../hints/in-words.ts";
import { bar } from "./drawings.ts";
import {
  chip,
  nothing,
  orNothing,
  section,
  small,
  table,
  type Column,
  type Tone,
} from "./pieces.ts";
import { rate, savedText, shareColumns } from "./routes-section.ts";

/** The same sections for all routers of the group, as far as the metrics store tells. */
export function groupSections(group: GroupLook, { pod, table: own }: ConsoleView): Piece {
  if (group.kind === "unasked") return "";
  if (group.kind === "off") {
    return section(
      "routes",
      "Whole group",
      markup`<p>${chip("notice", "Not set up.")} This router knows of itself alone. With <code>SWITCHYARD_PROMETHEUS_URL</code> it asks a Prometheus-compatible store for all routers of ${pod.namespace}/${pod.routerClass}.</p>
`,
    );
  }
  if (group.kind === "silent") {
    return section(
      "routes",
      "Whole group",
      markup`<p>${chip("warning", "No answer.")} The metrics store could not be asked: ${group.why}. “This pod” needs no store.</p>
`,
    );
  }
  const { view } = group;
  return [
    summary(view, own?.digest ?? null),
    section(
      "routes",
      "Routes",
      table({
        caption: "Over all routers, the last five minutes",
        columns: routes,
        rows: view.routes,
        keyOf: ({ route }) => route,
      }),
    ),
    section(
      "backends",
      "Backends",
      table({
        caption: "As how many routers see each",
        columns: backends,
        rows: view.backends,
        keyOf: ({ backend }) => backend,
        toneOf: ({ ejected }) => (ejected > 0 ? "urgent" : null),
      }),
    ),
    section(
      "latency",
      "Latency",
      table({
        caption: "P50 and P95 of attempts over all routers, the last five minutes",
        columns: latency,
        rows: view.latency,
        keyOf: ({ route, backend }) => `${route}/${backend}`,
      }),
    ),
    section(
      "spend",
      "Spend",
      table({
        caption: "Over all routers, the last 24 hours; budgets in their present window",
        columns: spend,
        rows: view.spend,
        keyOf: ({ tenant }) => tenant,
      }),
    ),
  ];
}

function summary({ tables, missing }: GroupView, digest: string | null): Piece {
  const routers = tables.reduce((sum, each) => sum + each.routers, 0);
  const same = tables.find((each) => each.digest === digest)?.routers ?? 0;
  const agree =
    same === routers
      ? "all serve this router's table"
      : `${same} of them serve this router's table`;
  const tone: Tone = same === routers ? "good" : "warning";
  return [
    markup`<p id="group">${chip(tone, `${routers} router${routers === 1 ? "" : "s"}`)} in the group by the metrics store; ${agree}.</p>
`,
    missing.map(
      (each) => markup`<p>${chip("warning", "Not answered")} ${each}</p>
`,
    ),
  ];
}

const routes: readonly Column<GroupRoute>[] = [
  { name: "Route", cell: ({ route }) => route },
  { name: "Requests/s", isNumber: true, cell: ({ perSecond }) => rate(perSecond) },
  ...shareColumns,
];

const backends: readonly Column<GroupBackend>[] = [
  { name: "Backend", cell: ({ backend }) => backend },
  { name: "Ready", isNumber: true, cell: ({ ready }) => String(ready) },
  { name: "Tried again", isNumber: true, cell: ({ triedAgain }) => String(triedAgain) },
  {
    name: "Ejected",
    isNumber: true,
    cell: ({ ejected }) => (ejected > 0 ? chip("urgent", String(ejected)) : "0"),
  },
];

const quantiles = (each: Quantiles | null): Piece =>
  orNothing(each, ({ p50Ms, p95Ms }) => `${millis(p50Ms)} / ${millis(p95Ms)}`);

const latency: readonly Column<GroupLatency>[] = [
  { name: "Route and backend", cell: ({ route, backend }) => `${route} → ${backend}` },
  { name: "First token", isNumber: true, cell: ({ firstToken }) => quantiles(firstToken) },
  { name: "Total", isNumber: true, cell: ({ total }) => quantiles(total) },
];

const spend: readonly Column<GroupSpend>[] = [
  { name: "Tenant", cell: ({ tenant }) => tenant },
  { name: "Cost", isNumber: true, cell: ({ costUsd }) => dollars(costUsd) },
  {
    name: "Baseline's",
    isNumber: true,
    cell: ({ baselineUsd, savedShare }) => [dollars(baselineUsd), small(savedText(savedShare))],
  },
  {
    name: "Budgets",
    cell: ({ budgets }) => (budgets.length === 0 ? nothing : budgets.map(budget)),
  },
];

function budget({ limit, used, most, share }: GroupSpend["budgets"][number]): Markup {
  const isTokens = /_tokens(_\d+)?$/.test(limit);
  const amount = (value: number): string =>
    isTokens ? Math.round(value).toLocaleString("en-US") : dollars(value);
  const text = `${limitInWords(limit)}: ${amount(used)} of ${amount(most)}, ${percent(share)}`;
  return markup`<div class="budget">${bar(share, text)}<span>${text}</span></div>`;
}
