// Alerts on what the drift job found, by stories that promtool plays.
import { describe } from "vitest";
import { playedWith } from "../../support/alerts/played-series.ts";
import { tellStories, type Story } from "../../support/alerts/promtool-story.ts";

const { absentFor, counter, gauge } = playedWith(60);
const stepSeconds = 60;
const place = (signal: string): string =>
  `namespace="switchyard-system",pod="operator",switchyard_namespace="shop",switchyard_route="chat",switchyard_backend="nova",switchyard_signal="${signal}"`;
const labels = (signal: string, severity = "ticket") => ({
  namespace: "shop",
  switchyard_route: "chat",
  switchyard_backend: "nova",
  switchyard_signal: signal,
  tier: "ticket",
  severity,
});

const looked = (signal: string, state: string): Story["series"] => ({
  ...Object.fromEntries(
    ["ok", "drifted", "insufficient"].map((each) => [
      `switchyard_drift_state{${place(signal)},switchyard_state="${each}"}`,
      gauge([60, each === state ? 1 : 0]),
    ]),
  ),
  [`switchyard_drift_score{${place(signal)}}`]: gauge([60, 0.31]),
  [`switchyard_drift_threshold{${place(signal)}}`]: gauge([60, 0.2]),
  [`switchyard_drift_samples{${place(signal)}}`]: gauge([60, 4_200]),
});
const description =
  "Score 310m, drifted from 200m on, over 4.2k samples. The report of the drift job says since when, and guesses at the cause.";

describe("SwitchyardLatencyDrift", () => {
  tellStories("SwitchyardLatencyDrift", [
    {
      what: "writes a ticket where a latency has drifted",
      series: looked("first_token", "drifted"),
      at: "5m",
      stepSeconds,
      fires: [
        {
          labels: labels("first_token"),
          summary: "Latency (first_token) of nova on route chat has drifted",
          description,
        },
      ],
    },
    { what: "is silent where it has not", series: looked("latency", "ok"), at: "5m", stepSeconds },
    {
      what: "leaves other signals to other alerts",
      series: { ...looked("cost", "drifted"), ...looked("accuracy", "drifted") },
      at: "5m",
      stepSeconds,
    },
  ]);
});

describe("SwitchyardAccuracyDrift", () => {
  tellStories("SwitchyardAccuracyDrift", [
    {
      what: "pages where accuracy has drifted",
      series: looked("accuracy", "drifted"),
      at: "5m",
      stepSeconds,
      fires: [
        {
          labels: labels("accuracy", "page"),
          summary: "Accuracy of nova on route chat has drifted",
          description,
        },
      ],
    },
    {
      what: "is silent where there are too few labels to tell",
      series: looked("accuracy", "insufficient"),
      at: "5m",
      stepSeconds,
    },
  ]);
});

describe("SwitchyardBehaviourDrift", () => {
  tellStories("SwitchyardBehaviourDrift", [
    {
      what: "writes a ticket where answers end otherwise than they did",
      series: looked("finish_reason", "drifted"),
      at: "5m",
      stepSeconds,
      fires: [
        {
          labels: labels("finish_reason"),
          summary: "finish_reason of nova on route chat has drifted",
          description,
        },
      ],
    },
    {
      what: "leaves latency to its own alert",
      series: looked("latency", "drifted"),
      at: "5m",
      stepSeconds,
    },
  ]);
});

describe("SwitchyardDriftStopped", () => {
  const age =
    'switchyard_drift_age{namespace="switchyard-system",pod="operator",switchyard_namespace="shop",switchyard_class="default"}';
  tellStories("SwitchyardDriftStopped", [
    {
      what: "writes a ticket where the job has left out two of its runs",
      series: { [age]: gauge([60, 51 * 3_600]) },
      at: "30m",
      stepSeconds,
      fires: [
        {
          labels: {
            namespace: "shop",
            switchyard_class: "default",
            tier: "ticket",
            severity: "ticket",
          },
          summary: "The drift job of class default in shop looks no more",
          description:
            "It last looked 2d 3h 0m 0s ago. What it found then is shown as if it still held, and what has moved since is not seen.",
        },
      ],
    },
    {
      what: "is silent where one run was left out",
      series: { [age]: gauge([60, 49 * 3_600]) },
      at: "30m",
      stepSeconds,
    },
  ]);
});

describe("SwitchyardDriftUnwatched", () => {
  const slow = { stepSeconds, evaluationSeconds: 300 };
  const route = 'namespace="shop",pod="a",switchyard_route="chat"';
  const floor = (assurance: string) =>
    `switchyard_route_objective{${route},switchyard_objective="quality",switchyard_assurance="${assurance}"}`;
  const labelled = `switchyard_labels_total{${route},switchyard_backend="nova",switchyard_label_source="shadow",switchyard_label_check="judge",switchyard_label_verdict="right"}`;
  const replayed = `switchyard_golden_requests_total{${route},switchyard_backend="nova",switchyard_outcome="answered"}`;
  const hours = (count: number): number => count * 60;
  const fires = [
    {
      labels: { namespace: "shop", switchyard_route: "chat", tier: "ticket", severity: "ticket" },
      summary: "Nothing tells whether route chat keeps its floor of quality",
      description:
        "It is Certified at 90%, but no golden set or shadow has labelled an answer of it within 24h, or too few for the drift job to tell.",
    },
  ];
  const certified = { [floor("certified")]: gauge([hours(27), 0.9]) };
  const accuracyIs = (state: string, backend = "nova") =>
    `switchyard_drift_state{${place("accuracy").replace("nova", backend)},switchyard_state="${state}"}`;
  tellStories("SwitchyardDriftUnwatched", [
    {
      what: "writes a ticket where a Certified route had no label for a day",
      series: certified,
      at: "26h",
      ...slow,
      fires,
    },
    {
      what: "writes one where there are too few for the drift job",
      series: {
        ...certified,
        [labelled]: counter([hours(27), 0.1]),
        [accuracyIs("insufficient")]: gauge([hours(27), 1]),
        [accuracyIs("ok")]: gauge([hours(27), 0]),
      },
      at: "26h",
      ...slow,
      fires,
    },
    {
      what: "is silent where labels come in",
      series: { ...certified, [labelled]: counter([hours(27), 0.1]) },
      at: "26h",
      ...slow,
    },
    {
      what: "is silent where its golden set is asked once a day, by routers that are new as well",
      series: {
        ...certified,
        [replayed]: absentFor(hours(20), gauge([hours(7), 30])),
      },
      at: "26h",
      ...slow,
    },
    {
      what: "is silent where there are too few labels of one backend alone",
      series: {
        ...certified,
        [labelled]: counter([hours(27), 0.1]),
        [accuracyIs("ok")]: gauge([hours(27), 1]),
        [accuracyIs("insufficient", "spare")]: gauge([hours(27), 1]),
      },
      at: "26h",
      ...slow,
    },
    { what: "is silent on the first day of a route", series: certified, at: "20h", ...slow },
    {
      what: "is silent of a route that only estimates",
      series: { [floor("estimated")]: gauge([hours(27), 0.9]) },
      at: "26h",
      ...slow,
    },
  ]);
});
