import { rising, type Row } from "./panel.ts";
import { hourly, legend, max, rate, rateBy, series, sum } from "./query.ts";

export const byTenant: Row = {
  title: "By tenant",
  panels: [
    {
      kind: "timeseries",
      title: "Requests",
      description: "Tenants past the routers' bound are counted together as other.",
      unit: "reqps",
      queries: [
        {
          expr: rateBy("switchyard.requests", ["switchyard.tenant"]),
          legend: legend("switchyard.tenant"),
        },
      ],
    },
    {
      kind: "timeseries",
      title: "Budgets used",
      description:
        "Of each budget in its window. At 1 requests are refused, downgraded or only noted, as the policy says; raise it, or find who spends.",
      unit: "percentunit",
      runbook: "SwitchyardBudgetNearlySpent",
      steps: rising(0.8, 0.95),
      queries: [
        {
          expr: `${max(series("switchyard.limits.used"), "switchyard.tenant", "switchyard.limit")} / ${max(series("switchyard.limits.budget"), "switchyard.tenant", "switchyard.limit")}`,
          legend: legend("switchyard.tenant", "switchyard.limit"),
        },
      ],
    },
    {
      kind: "timeseries",
      title: "Limits without room",
      description: "Requests for which a limit had no room, and what was done: docs/limits.md.",
      unit: "reqps",
      queries: [
        {
          expr: rateBy("switchyard.limits.exceeded", [
            "switchyard.tenant",
            "switchyard.limit",
            "switchyard.limits.action",
          ]),
          legend: legend("switchyard.tenant", "switchyard.limit", "switchyard.limits.action"),
        },
      ],
    },
  ],
};

export const cost: Row = {
  title: "Cost",
  panels: [
    {
      kind: "timeseries",
      title: "By backend, USD an hour",
      description:
        "A dearer backend that takes over: a cheaper one is ejected, or a plan was revoked.",
      unit: "currencyUSD",
      stacked: true,
      runbook: "SwitchyardCostAbovePlan",
      queries: [
        {
          expr: hourly(rateBy("switchyard.cost_usd", ["switchyard.backend"])),
          legend: legend("switchyard.backend"),
        },
      ],
    },
    {
      kind: "timeseries",
      title: "By tenant, USD an hour",
      description:
        "Without a tenant: anonymous routes, shadows and judges. switchyard costs sums records to the last USD.",
      unit: "currencyUSD",
      stacked: true,
      queries: [
        {
          expr: hourly(rateBy("switchyard.cost_usd", ["switchyard.tenant"])),
          legend: legend("switchyard.tenant"),
        },
      ],
    },
    {
      kind: "timeseries",
      title: "Against the baseline, USD an hour",
      description:
        "What the requests that have a baseline would have cost by it, beside what all cost.",
      unit: "currencyUSD",
      queries: [
        { expr: hourly(rateBy("switchyard.baseline_cost_usd")), legend: "baseline" },
        { expr: hourly(rateBy("switchyard.cost_usd")), legend: "cost" },
      ],
    },
    {
      kind: "timeseries",
      title: "Tokens",
      description:
        "By backend and kind, a second. Longer prompts or answers cost more at the same number of requests.",
      unit: "short",
      queries: [
        {
          expr: sum(
            rate(series("gen_ai.client.token.usage", {}, "sum")),
            "switchyard.backend",
            "gen_ai.token.type",
          ),
          legend: legend("switchyard.backend", "gen_ai.token.type"),
        },
      ],
    },
  ],
};
