import { atLeast, below, type Dashboard, falling, type Panel, rising } from "./panel.ts";
import { count, legend, max, quantile, rateBy, series, sum } from "./query.ts";

const tables: readonly Panel[] = [
  {
    kind: "stat",
    title: "Routers with a table",
    description: "Routers that are scraped and serve. Fewer than the Deployment has: see its pods.",
    unit: "none",
    runbook: "SwitchyardRoutersAway",
    steps: falling(1, 2),
    queries: [{ expr: count(series("switchyard.table.info")) }],
  },
  {
    kind: "stat",
    title: "Tables in use",
    description:
      "Of each namespace the most. More than one for minutes: a router does not get the new one.",
    unit: "none",
    runbook: "SwitchyardTableStale",
    steps: rising(2, 3),
    queries: [
      {
        expr: max(
          count(
            count(series("switchyard.table.info"), "namespace", "switchyard.table.digest"),
            "namespace",
          ),
        ),
      },
    ],
  },
  {
    kind: "stat",
    title: "Unconfirmed for",
    description:
      "The longest time that a router has not heard whether its table is still the one published. It serves on; edits do not reach it: see the API server.",
    unit: "s",
    runbook: "SwitchyardTableStale",
    steps: rising(60, 300),
    queries: [{ expr: max(series("switchyard.table.unconfirmed")) }],
  },
  {
    kind: "stat",
    title: "Records dropped",
    description: "A second. Whoever reads standard output is slow, or the bucket is away.",
    unit: "ops",
    runbook: "SwitchyardRecordsDropped",
    steps: rising(0.001, 1),
    queries: [{ expr: rateBy("switchyard.records.dropped") }],
  },
  {
    kind: "stat",
    title: "Operators that lead",
    description: "One for each release. None: edits are not published; routers serve on.",
    unit: "none",
    runbook: "SwitchyardNoLeader",
    steps: atLeast(1),
    queries: [{ expr: sum(series("switchyard.operator.leader")) }],
  },
  {
    kind: "stat",
    title: "Groups that fail",
    description:
      "That the operator could not look after the last time: its log and Events say why.",
    unit: "none",
    runbook: "SwitchyardOperatorFailing",
    steps: below(1),
    queries: [{ expr: sum(series("switchyard.operator.groups.failing")) }],
  },
];

const routers: readonly Panel[] = [
  {
    kind: "timeseries",
    title: "Requests under way",
    description:
      "By router. Uneven: long-lived connections; near SWITCHYARD_MAX_REQUESTS: add replicas.",
    unit: "none",
    runbook: "SwitchyardOverloaded",
    queries: [{ expr: sum(series("switchyard.requests.active"), "pod"), legend: "{{pod}}" }],
  },
  {
    kind: "timeseries",
    title: "Turned away for want of room",
    description:
      "requests, bodies or heap: what there was too much of. Raise replicas, or the bound where memory allows.",
    unit: "reqps",
    runbook: "SwitchyardOverloaded",
    queries: [
      {
        expr: rateBy("switchyard.requests.shed", ["switchyard.shed.reason"]),
        legend: legend("switchyard.shed.reason"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Tables refused",
    description:
      "By reason. The old table serves on: the operator's log and the router's /readyz say more.",
    unit: "ops",
    runbook: "SwitchyardTableRefused",
    queries: [
      {
        expr: rateBy("switchyard.table.refusals", ["switchyard.refusal"]),
        legend: legend("switchyard.refusal"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Age of the table in use",
    description: "By router. One that is older than the others did not get the last edit.",
    unit: "s",
    runbook: "SwitchyardTableStale",
    queries: [{ expr: max(series("switchyard.table.age"), "pod"), legend: "{{pod}}" }],
  },
  {
    kind: "timeseries",
    title: "From publication to adoption, P95",
    description: "Seconds: routers are slow to load, or cut off from the API server.",
    unit: "s",
    queries: [{ expr: quantile(0.95, "switchyard.config.propagation"), legend: "P95" }],
  },
  {
    kind: "timeseries",
    title: "What a table holds",
    description: "A sudden fall: resources were deleted. Routers of one namespace agree.",
    unit: "none",
    queries: (["routes", "backends", "tenants"] as const).map((what) => ({
      expr: max(series(`switchyard.table.${what}`), "namespace"),
      legend: `{{namespace}} ${what}`,
    })),
  },
];

const store: readonly Panel[] = [
  {
    kind: "timeseries",
    title: "Time that the store takes, P95",
    description:
      "Redis or Valkey, which requests of tenants with limits wait for. Milliseconds: its CPU, or the network.",
    unit: "s",
    runbook: "SwitchyardLimitsStoreAway",
    queries: [
      {
        expr: quantile(0.95, "switchyard.limits.store.duration", ["switchyard.store.operation"]),
        legend: legend("switchyard.store.operation"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Calls that failed or were late",
    description: "Requests go on by storeFailure: FailOpen uncounted, FailClosed refused.",
    unit: "ops",
    runbook: "SwitchyardLimitsStoreAway",
    queries: [
      {
        expr: rateBy("switchyard.limits.store.failures", ["switchyard.store.operation"]),
        legend: legend("switchyard.store.operation"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Routers without the store, and what waits for it",
    description:
      "Settlements that have not reached it; those that were given up are lost to budgets.",
    unit: "none",
    runbook: "SwitchyardSettlementsLost",
    queries: [
      { expr: sum(series("switchyard.limits.store.away")), legend: "routers without it" },
      { expr: sum(series("switchyard.limits.store.unsettled")), legend: "settlements that wait" },
    ],
  },
];

/** Of a pod that is away there is nothing now, but there was within the last hour. */
const seen = (name: "switchyard.table.info" | "switchyard.operator.leader"): string =>
  `last_over_time(${series(name)}[1h])`;

const operator: readonly Panel[] = [
  {
    kind: "timeseries",
    title: "Time to look after a namespace, P95",
    description: "Seconds: a slow API server, or thousands of resources.",
    unit: "s",
    queries: [{ expr: quantile(0.95, "switchyard.operator.reconcile.duration"), legend: "P95" }],
  },
  {
    kind: "timeseries",
    title: "Tables published, statuses written, errors",
    description:
      "None in steady state. A steady stream of writes: two writers fight over a resource.",
    unit: "ops",
    runbook: "SwitchyardOperatorFailing",
    queries: [
      { expr: rateBy("switchyard.operator.tables.published"), legend: "tables" },
      { expr: rateBy("switchyard.operator.statuses.written"), legend: "statuses" },
      { expr: rateBy("switchyard.operator.reconcile.errors"), legend: "errors" },
    ],
  },
  {
    kind: "timeseries",
    title: "Scraped",
    description:
      "Whether Prometheus reaches routers and operators: 1 or 0. A pod that is missing has no PodMonitor, or a NetworkPolicy in its way (adminNamespaces).",
    unit: "none",
    max: 1,
    queries: [
      {
        expr: `up{namespace=~"$namespace"} and on (job, instance) ${seen("switchyard.table.info")}`,
        legend: "{{job}} {{instance}}",
      },
      {
        expr: `up and on (job, instance) ${seen("switchyard.operator.leader")}`,
        legend: "{{job}} {{instance}}",
      },
    ],
  },
];

export const operations: Dashboard = {
  uid: "switchyard-operations",
  title: "Switchyard / Operations",
  description: "Whether routers, their tables, the limits' store and the operator are well.",
  choices: [],
  rows: [
    { title: "Now", panels: tables },
    { title: "Routers", panels: routers },
    { title: "Store of limits", panels: store },
    { title: "Operator", panels: operator },
  ],
};
