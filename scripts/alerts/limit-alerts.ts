// Tenants' budgets, and the store that counts them.
import { all, any, figure, grown, maxBy, place, series, sumBy } from "./promql.ts";
import { type Alert, type Group, threshold } from "./rule.ts";

const ofBudget = place("switchyard.tenant", "switchyard.limit");
const used = "budget:switchyard_used:ratio";
const left = "budget:switchyard_left_seconds:projected";

/** Routers see the same shared figure at different times: the highest is the newest of a window. */
const highest = (name: "switchyard.limits.used" | "switchyard.limits.budget"): string =>
  maxBy(ofBudget, series(name));

const alerts: readonly Alert[] = [
  {
    alert: "SwitchyardBudgetNearlySpent",
    tier: "ticket",
    severity: "ticket",
    expr: any(
      `${used} >= ${threshold("budgetPercent")} / 100`,
      all(`${used} > 0.5`, `${left} < 3600`),
    ),
    keepFiringFor: "5m",
    summary:
      "Tenant {{ $labels.switchyard_tenant }} has nearly spent its {{ $labels.switchyard_limit }}",
    description:
      `{{ $value | humanizePercentage }} is spent or reserved (alert from ${threshold("budgetPercent")} %, or from half where it will not last an ` +
      `hour). At the pace of the last half hour the rest lasts ${figure(left, ["switchyard.tenant", "switchyard.limit"], "humanizeDuration")}.`,
  },
  {
    alert: "SwitchyardLimitsStoreAway",
    tier: "slow",
    severity: "page",
    for: "1m",
    expr: `sum by (namespace) (${series("switchyard.limits.store.away")}) > 0`,
    summary: "Routers of {{ $labels.namespace }} cannot count tenants' limits",
    description:
      "{{ $value | humanize }} of the routers cannot reach the shared store: tenants are let pass or refused as their storeFailure says.",
  },
  {
    alert: "SwitchyardSettlementsLost",
    tier: "ticket",
    severity: "ticket",
    expr: `${sumBy(place("switchyard.loss.reason"), grown(series("switchyard.limits.store.lost"), "15m"))} > 0`,
    keepFiringFor: "15m",
    summary: "Money of tenants in {{ $labels.namespace }} has been spent and not counted",
    description:
      "{{ $value | humanize }} settlements were given up within a quarter of an hour ({{ $labels.switchyard_loss_reason }}): budgets show less than was spent.",
  },
];

export const limitGroups: readonly Group[] = [
  {
    name: "switchyard-limits",
    interval: "30s",
    recordings: [
      {
        record: used,
        expr: `${highest("switchyard.limits.used")}\n/\n(${highest("switchyard.limits.budget")} > 0)`,
      },
      {
        record: left,
        expr:
          `clamp_min(${highest("switchyard.limits.budget")} - ${highest("switchyard.limits.used")}, 0)\n/\n` +
          `(${maxBy(ofBudget, `deriv(${series("switchyard.limits.used")}[30m])`)} > 0)`,
      },
    ],
    alerts,
  },
];
