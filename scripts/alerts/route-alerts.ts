// What routes were meant to cost and to be worth, against what they do.
import type { ChoiceReason } from "../../src/routing/index.ts";
import {
  all,
  anyOf,
  figure,
  maxBy,
  ofRoute,
  place,
  rates,
  series,
  share,
  sumBy,
} from "./promql.ts";
import { type Alert, type Group, type Recording, threshold } from "./rule.ts";

const route = "{{ $labels.switchyard_route }}";
const of = (record: string): string => figure(record, ["switchyard.route"], "humanizePercentage");

const costWindows = ["1h", "6h"] as const;
const costs: readonly Recording[] = [
  ...costWindows.map((window) => ({
    record: `route:switchyard_cost_of_baseline:ratio_${window}`,
    expr:
      `${sumBy(ofRoute, rates([series("switchyard.cost_usd")], `[${window}]`))}\n/\n` +
      `(${sumBy(ofRoute, rates([series("switchyard.baseline_cost_usd")], `[${window}]`))} > 0)`,
  })),
  {
    // A tenant's own plan is measured by its own traffic.
    record: "route:switchyard_planned_cost_of_baseline:ratio",
    expr: `1 - min by (${ofRoute}) (${series("switchyard.plan.cost_saved", { "switchyard.bound": '="lower"', "switchyard.tenant": '=""' })})`,
  },
  {
    record: "route:switchyard_priced_requests:increase_1h",
    expr: sumBy(ofRoute, `increase(${series("switchyard.choices")}[1h])`),
  },
];

const qualityWindows = ["15m", "6h"] as const;
const quality = (role: string, window: string): Recording[] => {
  const matchers = { "switchyard.answer.role": `="${role}"` };
  const answers = `route:switchyard_quality_${role}_answers:increase_${window}`;
  return [
    {
      record: answers,
      expr: sumBy(
        ofRoute,
        `increase(${series("switchyard.quality.answers", matchers)}[${window}])`,
      ),
    },
    {
      record: `route:switchyard_quality_${role}:mean_${window}`,
      expr: `${sumBy(ofRoute, `increase(${series("switchyard.quality.score", matchers)}[${window}])`)}\n/\n(${answers} > 0)`,
    },
  ];
};

/** Two standard errors of a mean of scores from 0 to 1, at their widest. */
const error = (role: string, window: string): string => {
  const mean = `route:switchyard_quality_${role}:mean_${window}`;
  return `2 * sqrt(clamp_min(${mean} * (1 - ${mean}), 0) / route:switchyard_quality_${role}_answers:increase_${window})`;
};

const floor = maxBy(
  ofRoute,
  series("switchyard.route.objective", { "switchyard.objective": '="quality"' }),
);

const isBelowFloor = (window: string): string =>
  all(
    `route:switchyard_quality_served:mean_${window} + ${error("served", window)} < ${floor} * ` +
      `(route:switchyard_quality_baseline:mean_${window} - ${error("baseline", window)})`,
    `route:switchyard_quality_served_answers:increase_${window} >= ${threshold("qualityMinimumAnswers")}`,
  );

const fallbackWindows = ["5m", "30m"] as const;
const fallbacks: readonly Recording[] = fallbackWindows.flatMap((window) => [
  {
    record: `route:switchyard_chosen:rate_${window}`,
    expr: sumBy(ofRoute, rates([series("switchyard.choices")], `[${window}]`)),
  },
  {
    record: `route:switchyard_fallbacks:ratio_${window}`,
    expr: share(
      sumBy(ofRoute, rates([series("switchyard.fallbacks")], `[${window}]`)),
      `route:switchyard_chosen:rate_${window}`,
    ),
  },
]);

/** A plan is there, and does not hold: the baseline serves instead, right and dear. */
const refusals: readonly ChoiceReason[] = [
  "model_changed",
  "expired",
  "baseline_changed",
  "floor_raised",
  "uncertified",
];
const ignoring = sumBy(
  place("switchyard.route", "switchyard.reason"),
  rates([series("switchyard.choices", { "switchyard.reason": anyOf(refusals) })], "[30m]"),
);

const alerts: readonly Alert[] = [
  {
    alert: "SwitchyardFallbackShare",
    tier: "slow",
    severity: "ticket",
    expr: all(
      `route:switchyard_fallbacks:ratio_30m > ${threshold("fallbackPercent")} / 100`,
      `route:switchyard_fallbacks:ratio_5m > ${threshold("fallbackPercent")} / 100`,
      `route:switchyard_fallbacks:ratio_30m * route:switchyard_chosen:rate_30m * 1800 >= ${threshold("minimumFailures")}`,
    ),
    summary: `Route ${route} lives on its fallbacks`,
    description: `{{ $value | humanizePercentage }} of its requests within half an hour left their first candidate (alert from ${threshold("fallbackPercent")} %).`,
  },
  {
    alert: "SwitchyardCostAbovePlan",
    tier: "slow",
    severity: "ticket",
    labels: { against: "plan" },
    expr: all(
      `route:switchyard_cost_of_baseline:ratio_6h > route:switchyard_planned_cost_of_baseline:ratio + ${threshold("costAbovePlanPercent")} / 100`,
      `route:switchyard_cost_of_baseline:ratio_1h > route:switchyard_planned_cost_of_baseline:ratio + ${threshold("costAbovePlanPercent")} / 100`,
      "route:switchyard_priced_requests:increase_1h >= 100",
    ),
    summary: `Route ${route} costs more than its plan was measured to`,
    description:
      "Its requests cost {{ $value | humanizePercentage }} of what the baseline would have cost within six hours, and " +
      `${of("route:switchyard_cost_of_baseline:ratio_1h")} within one; by its plan it is ` +
      `${of("route:switchyard_planned_cost_of_baseline:ratio")} at most (alert from ${threshold("costAbovePlanPercent")} points more).`,
  },
  {
    alert: "SwitchyardCostAbovePlan",
    tier: "slow",
    severity: "ticket",
    labels: { against: "envelope" },
    expr: all(
      'route:switchyard_objective_missed:ratio_6h{switchyard_objective="cost"} > 0.05',
      'route:switchyard_objective_missed:ratio_1h{switchyard_objective="cost"} > 0.05',
      `route:switchyard_objective_missed:increase_1h{switchyard_objective="cost"} >= ${threshold("minimumFailures")}`,
    ),
    summary: `Route ${route} answers dearer than its envelope allows`,
    description:
      "{{ $value | humanizePercentage }} of its answers within six hours cost more than the envelope's maxUsdPerRequest (5 % may).",
  },
  ...qualityWindows.map((window): Alert => ({
    alert: "SwitchyardQualityArmLow",
    tier: "slow",
    severity: "page",
    for: "5m",
    labels: { window },
    expr: isBelowFloor(window),
    summary: `Route ${route} answers worse than its floor of quality`,
    description:
      `Answers that were sent scored ${of(`route:switchyard_quality_served:mean_${window}`)} within ${window}, the baseline's to the same ` +
      `requests ${of(`route:switchyard_quality_baseline:mean_${window}`)}, over ` +
      `${figure(`route:switchyard_quality_served_answers:increase_${window}`, ["switchyard.route"], "humanize")} comparisons: below the ` +
      "route's floorPercent of it by more than chance explains.",
  })),
  {
    alert: "SwitchyardPlansIgnored",
    tier: "slow",
    severity: "ticket",
    for: "5m",
    expr: `${ignoring}\n/ on (${ofRoute}) group_left ()\n(route:switchyard_chosen:rate_30m > 0)\n> 0.05`,
    summary: `Requests of route ${route} do not follow its plan`,
    description:
      "{{ $value | humanizePercentage }} of those within half an hour were served by the baseline because of the plan: {{ $labels.switchyard_reason }}.",
  },
  {
    alert: "SwitchyardCertificateExpiring",
    tier: "ticket",
    severity: "ticket",
    for: "15m",
    expr: `min by (${place("switchyard.route", "switchyard.tenant")}) (${series("switchyard.plan.certificate_expiry", { "switchyard.plan.rollout": '="current"' })}) < ${threshold("certificateDays")} * 86400`,
    summary: `The certificate of route ${route}'s plan runs out`,
    description: `It runs out in {{ $value | humanizeDuration }} (alert from ${threshold("certificateDays")} days): no labels have come to certify it anew. From then on the baseline serves a Certified route.`,
  },
];

export const routeGroups: readonly Group[] = [
  {
    name: "switchyard-routes",
    interval: "30s",
    recordings: [
      ...fallbacks,
      ...costs,
      ...qualityWindows.flatMap((window) =>
        ["served", "baseline"].flatMap((role) => quality(role, window)),
      ),
    ],
    alerts,
  },
];
