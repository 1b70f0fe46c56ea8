import type { AttributeName } from "../../src/telemetry/index.ts";
import { type Dashboard, falling, type Panel, rising } from "./panel.ts";
import { count, legend, max, min, rateBy, series } from "./query.ts";

const ofSeries = [
  "switchyard.namespace",
  "switchyard.route",
  "switchyard.backend",
  "switchyard.tenant",
  "switchyard.signal",
] as const satisfies readonly AttributeName[];

/** Each signal once, however many pods tell of it. */
const inState = (state: string): string => {
  const told = series("switchyard.drift.state", { "switchyard.state": `="${state}"` });
  return `(${count(`${max(told, ...ofSeries)} == 1`)} or vector(0))`;
};

const found: readonly Panel[] = [
  {
    kind: "stat",
    title: "Signals that drifted",
    description:
      "As the last look found them. The route's conditions and the drift report say which, since when and the likely cause.",
    unit: "none",
    runbook: "SwitchyardLatencyDrift",
    steps: rising(1, 3),
    queries: [{ expr: inState("drifted") }],
  },
  {
    kind: "stat",
    title: "Too few samples",
    description:
      "Signals that could not be judged. All of them: the drift job has no source, or no traffic.",
    unit: "none",
    runbook: "SwitchyardDriftUnwatched",
    queries: [{ expr: inState("insufficient") }],
  },
  {
    kind: "stat",
    title: "As usual",
    description: "Signals that keep to their reference.",
    unit: "none",
    queries: [{ expr: inState("ok") }],
  },
  {
    kind: "timeseries",
    title: "Score against its threshold",
    description:
      "From 1 on a signal has drifted. One that creeps up will be there in days: look before it is.",
    unit: "none",
    width: 12,
    runbook: "SwitchyardLatencyDrift",
    steps: rising(0.8, 1),
    queries: [
      {
        expr: `${max(series("switchyard.drift.score"), ...ofSeries)} / (${max(series("switchyard.drift.threshold"), ...ofSeries)} > 0)`,
        legend: legend(...ofSeries),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Samples of the last look",
    description: "Fewer than usual: traffic moved away, or the source lost history.",
    unit: "short",
    width: 12,
    runbook: "SwitchyardDriftUnwatched",
    queries: [
      { expr: max(series("switchyard.drift.samples"), ...ofSeries), legend: legend(...ofSeries) },
    ],
  },
];

const scored = (role: string): string =>
  `sum by (switchyard_route) (increase(${series("switchyard.quality.score", { "switchyard.answer.role": `="${role}"` })}[$__range])) / sum by (switchyard_route) (increase(${series("switchyard.quality.answers", { "switchyard.answer.role": `="${role}"` })}[$__range]))`;

const bound = (
  name: "switchyard.plan.quality_kept" | "switchyard.plan.cost_saved",
  which: string,
) =>
  min(series(name, { "switchyard.bound": `="${which}"` }), "switchyard.route", "switchyard.tenant");

const quality: readonly Panel[] = [
  {
    kind: "timeseries",
    title: "Quality kept, by shadows",
    description:
      "The score of served answers over that of the baseline's, within the time range shown. Below the route's floor: the plan job revokes the plan; pin the route meanwhile.",
    unit: "percentunit",
    runbook: "SwitchyardQualityArmLow",
    queries: [
      {
        expr: `(${scored("served")}) / (${scored("baseline")})`,
        legend: legend("switchyard.route"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Quality kept, by plans",
    description: "As the plan job last measured it: the estimate and its lower bound.",
    unit: "percentunit",
    runbook: "SwitchyardQualityArmLow",
    queries: ["estimate", "lower"].map((which) => ({
      expr: bound("switchyard.plan.quality_kept", which),
      legend: `${legend("switchyard.route", "switchyard.tenant")} ${which}`,
    })),
  },
  {
    kind: "timeseries",
    title: "Cost saved, by plans",
    signed: true,
    description:
      "A share of the baseline's cost, shadows and judging charged. Below zero: take fewer shadows.",
    unit: "percentunit",
    queries: [
      {
        expr: bound("switchyard.plan.cost_saved", "estimate"),
        legend: legend("switchyard.route", "switchyard.tenant"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Until certificates expire",
    signed: true,
    description:
      "Below zero the baseline serves. The plan job renews them: where it does not, see its last run.",
    unit: "dtdurations",
    runbook: "SwitchyardCertificateExpiring",
    steps: falling(0, 21_600),
    queries: [
      {
        expr: min(
          series("switchyard.plan.certificate_expiry"),
          "switchyard.route",
          "switchyard.tenant",
          "switchyard.plan.rollout",
        ),
        legend: legend("switchyard.route", "switchyard.tenant", "switchyard.plan.rollout"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Why candidates are chosen",
    description:
      "planned: a plan is followed. pinned: drift holds the route at its baseline. The rest: docs/plans.md.",
    unit: "reqps",
    stacked: true,
    queries: [
      {
        expr: rateBy("switchyard.choices", ["switchyard.reason"]),
        legend: legend("switchyard.reason"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Labels",
    description:
      "Judgements of answers, by source and verdict: accuracy rests on them. None: no golden set, shadows or feedback.",
    unit: "ops",
    runbook: "SwitchyardAccuracyDrift",
    queries: [
      {
        expr: rateBy("switchyard.labels", ["switchyard.label.source", "switchyard.label.verdict"]),
        legend: legend("switchyard.label.source", "switchyard.label.verdict"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Shadows",
    description:
      "By what became of them. Few are answered: docs/arms.md says what each other word means.",
    unit: "ops",
    queries: [
      {
        expr: rateBy("switchyard.shadows", ["switchyard.shadow.outcome"]),
        legend: legend("switchyard.shadow.outcome"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Comparisons",
    description:
      "Of shadows' answers with those that were sent. judge_failed, judge_busy: see the judging route.",
    unit: "ops",
    queries: [
      {
        expr: rateBy("switchyard.comparisons", ["switchyard.comparison.outcome"]),
        legend: legend("switchyard.comparison.outcome"),
      },
    ],
  },
];

export const drift: Dashboard = {
  uid: "switchyard-drift",
  title: "Switchyard / Drift and quality",
  description:
    "What changes slowly: distributions against their reference, and how good answers are.",
  choices: ["route", "backend", "tenant"],
  rows: [
    { title: "Drift", panels: found },
    { title: "Quality", panels: quality },
  ],
};
