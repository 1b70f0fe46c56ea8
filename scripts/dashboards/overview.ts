import { prometheusLabel } from "../../src/telemetry/index.ts";
import { byBackend } from "./overview-backends.ts";
import { byTenant, cost } from "./overview-spending.ts";
import { type Dashboard, falling, type Panel, rising, type Row } from "./panel.ts";
import { choices, hourly, legend, quantile, rateBy, series, shareOf, sum } from "./query.ts";

const requests = "switchyard.requests";
const duration = "gen_ai.server.request.duration";
const firstToken = "gen_ai.server.time_to_first_token";
const failed = { "switchyard.outcome": '="failed"' } as const;
const fallbackShare = (...by: readonly "switchyard.route"[]): string => {
  const whole = rateBy(requests, by);
  return `(${rateBy("switchyard.fallbacks", by)} or ${whole} * 0) / (${whole} > 0)`;
};
/** What requests cost less than their baseline would have, as a share of it. */
const saved = (...by: readonly "switchyard.route"[]): string => {
  // It falls where a request cost more: no counter, so its growth is taken without regard for restarts.
  const growth = sum(`deriv(${series("switchyard.saved_usd")}[$__rate_interval])`, ...by);
  return `${growth} / (${rateBy("switchyard.baseline_cost_usd", by)} > 0)`;
};

const now: readonly Panel[] = [
  {
    kind: "stat",
    title: "Requests",
    description:
      "Requests a second. Where it falls to nothing: look at clients, the Service and Operations.",
    unit: "reqps",
    queries: [{ expr: rateBy(requests) }],
  },
  {
    kind: "stat",
    title: "Answered",
    description:
      "The share of requests that did not fail for want of an answer; refused and limited ones are the caller's. Where it is low, see which route and backend below.",
    unit: "percentunit",
    runbook: "SwitchyardAvailabilityBurn",
    steps: falling(0.99, 0.999),
    queries: [{ expr: `1 - (${shareOf(requests, [], failed)})` }],
  },
  {
    kind: "stat",
    title: "First token, P95",
    description:
      "Until a client sees the first of its stream. Where it is high, Latency tells which backend.",
    unit: "s",
    runbook: "SwitchyardFirstTokenBurn",
    steps: rising(1.5, 3),
    queries: [{ expr: quantile(0.95, firstToken) }],
  },
  {
    kind: "stat",
    title: "Left the first candidate",
    description:
      "The share of requests that fell back: clients do not notice, costs and latency do. By Backend tells which one was left.",
    unit: "percentunit",
    runbook: "SwitchyardFallbackShare",
    steps: rising(0.05, 0.2),
    queries: [{ expr: fallbackShare() }],
  },
  {
    kind: "stat",
    title: "Cost",
    description:
      "USD an hour, shadows and judges with it. Where it jumps, see Cost for the backend and tenant.",
    unit: "currencyUSD",
    runbook: "SwitchyardCostAbovePlan",
    queries: [{ expr: hourly(rateBy("switchyard.cost_usd")) }],
  },
  {
    kind: "stat",
    title: "Saved",
    description:
      "What requests cost less than by their baseline, as a share of that. Near zero: plans are not followed, or shadows cost what they save: Drift and quality.",
    unit: "percentunit",
    steps: falling(0, 0.18),
    queries: [{ expr: saved() }],
  },
];

/** Whatever is chosen: those of operators and of drift name other namespaces than routers' do. */
const firing = 'ALERTS{alertname=~"Switchyard.*",alertstate="firing"}';

const alerts: Row = {
  title: "Alerts",
  panels: [
    {
      kind: "table",
      title: "Alerts that fire",
      description:
        "Begin here: the section of the runbooks with the alert's name has the commands to run. None: all is well, or the rules are not loaded.",
      runbook: "SwitchyardBackendSlow",
      rows: { label: "alertname", name: "Alert" },
      queries: [
        {
          name: "Series",
          unit: "none",
          expr: `count by (alertname, severity, namespace, ${Object.values(choices).map(prometheusLabel).join(", ")}) (${firing})`,
        },
      ],
    },
  ],
};

const byRoute: Row = {
  title: "By route",
  panels: [
    {
      kind: "table",
      title: "Routes",
      description: "Each route as it stands now. Sort by what you are looking for.",
      rows: { label: prometheusLabel("switchyard.route"), name: "Route" },
      queries: [
        { name: "Requests", unit: "reqps", expr: rateBy(requests, ["switchyard.route"]) },
        {
          name: "Failed",
          unit: "percentunit",
          expr: shareOf(requests, ["switchyard.route"], failed),
        },
        { name: "Fell back", unit: "percentunit", expr: fallbackShare("switchyard.route") },
        { name: "Total, P95", unit: "s", expr: quantile(0.95, duration, ["switchyard.route"]) },
        {
          name: "USD an hour",
          unit: "currencyUSD",
          expr: hourly(rateBy("switchyard.cost_usd", ["switchyard.route"])),
        },
        { name: "Saved", unit: "percentunit", expr: saved("switchyard.route") },
      ],
    },
    {
      kind: "timeseries",
      title: "Requests by outcome",
      description:
        "Refused: wrong requests or rights. Limited: a tenant's limits, or no room in the router. Failed: no backend answered. Aborted: the client left.",
      unit: "reqps",
      stacked: true,
      queries: [
        { expr: rateBy(requests, ["switchyard.outcome"]), legend: legend("switchyard.outcome") },
      ],
    },
    {
      kind: "timeseries",
      title: "Failed, by route",
      description:
        "The share of a route's requests that no backend answered. All routes at once: a backend or AWS; one alone: its candidates.",
      unit: "percentunit",
      runbook: "SwitchyardAvailabilityBurn",
      steps: rising(0.01, 0.05),
      queries: [
        {
          expr: shareOf(requests, ["switchyard.route"], failed),
          legend: legend("switchyard.route"),
        },
      ],
    },
    {
      kind: "timeseries",
      title: "Errors that clients got",
      description: "By code; docs/errors.md says what each means and what to do.",
      unit: "reqps",
      queries: [
        {
          expr: rateBy(requests, ["error.type"], { "error.type": '!=""' }),
          legend: legend("error.type"),
        },
      ],
    },
  ],
};

export const overview: Dashboard = {
  uid: "switchyard-overview",
  title: "Switchyard / Overview",
  description: "Whether requests are answered, by whom, for whom and at what cost.",
  choices: ["route", "backend", "tenant"],
  rows: [{ title: "Now", panels: now }, alerts, byRoute, byBackend, byTenant, cost],
};
