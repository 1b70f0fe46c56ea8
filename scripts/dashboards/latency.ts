import { providerErrors } from "../../src/providers/index.ts";
import { type Dashboard, type Panel, rising, type Row } from "./panel.ts";
import { legend, max, quantile, rate, rateBy, series, shareOf, sum } from "./query.ts";

const duration = "gen_ai.server.request.duration";
const firstToken = "gen_ai.server.time_to_first_token";
const attempt = "gen_ai.client.operation.duration";
const firstChunk = "gen_ai.client.operation.time_to_first_chunk";

/** How attempts end that take longer than they may. */
const late = Object.entries(providerErrors)
  .filter(([, { fallback }]) => fallback === "Timeout" || fallback === "SlowFirstToken")
  .map(([code]) => code);

const quantiles = (name: typeof duration | typeof firstToken | "switchyard.request.overhead") =>
  [0.5, 0.95, 0.99].map((q) => ({ expr: quantile(q, name), legend: `P${q * 100}` }));

const clients: Row = {
  title: "As clients see it",
  panels: [
    {
      kind: "timeseries",
      title: "First token",
      description:
        "From a request's arrival to the first token of its stream. Only P99 is high: see Hedges and By backend.",
      unit: "s",
      runbook: "SwitchyardFirstTokenBurn",
      steps: rising(1.5, 3),
      queries: quantiles(firstToken),
    },
    {
      kind: "timeseries",
      title: "Whole request",
      description:
        "From arrival to the last byte. It grows with the length of answers: hold it against Tokens of Overview.",
      unit: "s",
      runbook: "SwitchyardLatencyBurn",
      queries: quantiles(duration),
    },
    {
      kind: "timeseries",
      title: "What Switchyard adds",
      description:
        "A request's time without its attempts': milliseconds. More: routers lack CPU (raise replicas), a filter is slow (Safety), or requests wait for a place at a backend.",
      unit: "s",
      runbook: "SwitchyardOverloaded",
      queries: quantiles("switchyard.request.overhead"),
    },
    {
      kind: "heatmap",
      title: "First token",
      description: "Two bands: two backends, or answers from a cache and without it.",
      unit: "s",
      queries: [
        {
          expr: sum(`increase(${series(firstToken, {}, "bucket")}[$__rate_interval])`, "le"),
          legend: "{{le}}",
        },
      ],
    },
    {
      kind: "timeseries",
      title: "Promises missed",
      description:
        "The share of requests that did not keep what their route's envelope promises, by route and bound. Which backend it is: below.",
      unit: "percentunit",
      width: 12,
      runbook: "SwitchyardLatencyBurn",
      steps: rising(0.05, 0.2),
      queries: [
        {
          expr: shareOf(
            "switchyard.objective.requests",
            ["switchyard.route", "switchyard.objective"],
            {
              "switchyard.objective.result": '="missed"',
            },
          ),
          legend: legend("switchyard.route", "switchyard.objective"),
        },
      ],
    },
  ],
};

const byRoute: readonly Panel[] = [
  {
    kind: "timeseries",
    title: "First token, P95",
    description: "One route alone is slow: its candidates, or prompts that have grown.",
    unit: "s",
    runbook: "SwitchyardFirstTokenBurn",
    queries: [
      {
        expr: quantile(0.95, firstToken, ["switchyard.route"]),
        legend: legend("switchyard.route"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Whole request, P95",
    description: "One route alone is slow: its candidates, or answers that have grown.",
    unit: "s",
    runbook: "SwitchyardLatencyBurn",
    queries: [
      { expr: quantile(0.95, duration, ["switchyard.route"]), legend: legend("switchyard.route") },
    ],
  },
  {
    kind: "timeseries",
    title: "Envelope out of reach",
    description:
      "Requests that no candidate was expected to serve within the envelope: it is too tight, or all are slow.",
    unit: "reqps",
    queries: [
      {
        expr: rateBy("switchyard.envelope.missed", ["switchyard.route"]),
        legend: legend("switchyard.route"),
      },
    ],
  },
];

const byBackend: readonly Panel[] = [
  {
    kind: "timeseries",
    title: "First token of attempts, P95",
    description:
      "What fallbacks and hedges hide from clients shows here. Higher than usual: take the backend out of its routes, or let outlier.slowPercent eject it.",
    unit: "s",
    runbook: "SwitchyardBackendSlow",
    queries: [
      {
        expr: quantile(0.95, firstChunk, ["switchyard.backend"]),
        legend: legend("switchyard.backend"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Attempts, P95",
    description:
      "Until their end, answered or not; those that were cut off by a bound count with the time that they had.",
    unit: "s",
    runbook: "SwitchyardBackendSlow",
    queries: [
      {
        expr: quantile(0.95, attempt, ["switchyard.backend"]),
        legend: legend("switchyard.backend"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Attempts cut off, or overtaken",
    description:
      "Calls that ended by a time bound, and those that another answer overtook: the backend is slow.",
    unit: "reqps",
    runbook: "SwitchyardBackendSlow",
    queries: [
      {
        expr: rateBy("switchyard.attempts", ["switchyard.backend", "error.type"], {
          "error.type": `=~"${late.join("|")}"`,
        }),
        legend: legend("switchyard.backend", "error.type"),
      },
      {
        expr: rateBy("switchyard.attempts", ["switchyard.backend"], {
          "switchyard.attempt.cancelled": '="superseded"',
        }),
        legend: `${legend("switchyard.backend")} overtaken`,
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Between chunks of a stream",
    description: "The mean between one chunk and the next: how fast a backend writes.",
    unit: "s",
    queries: [
      {
        expr: `${sum(rate(series("gen_ai.client.operation.time_per_output_chunk", {}, "sum")), "switchyard.backend")} / ${sum(rate(series("gen_ai.client.operation.time_per_output_chunk", {}, "count")), "switchyard.backend")}`,
        legend: legend("switchyard.backend"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Hedges",
    description:
      "Second attempts, by what became of them. Many that win: the first candidate is slow; many that lose: they cost and do not help, raise afterPercentile.",
    unit: "reqps",
    queries: [
      {
        expr: rateBy("switchyard.hedges", ["switchyard.backend", "switchyard.hedge.outcome"]),
        legend: legend("switchyard.backend", "switchyard.hedge.outcome"),
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Open calls, and those that wait",
    description:
      "Waiting ones: concurrency.max is reached. Raise it where AWS's quota allows, or add a candidate.",
    unit: "none",
    queries: [
      {
        expr: max(series("switchyard.backend.calls"), "switchyard.backend"),
        legend: `${legend("switchyard.backend")} open, most of a router`,
      },
      {
        expr: max(series("switchyard.backend.queued"), "switchyard.backend"),
        legend: `${legend("switchyard.backend")} waiting, most of a router`,
      },
    ],
  },
];

export const latency: Dashboard = {
  uid: "switchyard-latency",
  title: "Switchyard / Latency",
  description: "How long clients wait, and whom for.",
  choices: ["route", "backend", "tenant"],
  rows: [
    clients,
    { title: "By route", panels: byRoute },
    { title: "By backend, whatever clients see", panels: byBackend },
  ],
};
