import { rising, type Row } from "./panel.ts";
import { legend, rateBy, series, shareOf, sum } from "./query.ts";

const attempts = "switchyard.attempts";

export const byBackend: Row = {
  title: "By backend",
  panels: [
    {
      kind: "timeseries",
      title: "Attempts",
      description:
        "Calls of each backend. One that takes over much suddenly stands in for another.",
      unit: "reqps",
      queries: [
        { expr: rateBy(attempts, ["switchyard.backend"]), legend: legend("switchyard.backend") },
      ],
    },
    {
      kind: "timeseries",
      title: "Failed attempts",
      description:
        "The share of a backend's calls that ended with an error, whatever clients saw of it. Errors of backends tells which.",
      unit: "percentunit",
      runbook: "SwitchyardBackendFailing",
      steps: rising(0.05, 0.2),
      queries: [
        {
          expr: shareOf(attempts, ["switchyard.backend"], { "error.type": '!=""' }),
          legend: legend("switchyard.backend"),
        },
      ],
    },
    {
      kind: "timeseries",
      title: "Errors of backends",
      description:
        "By backend and code. throttled: ask AWS for quota or spread the load; slow_first_token and timeout: it is slow; internal, unavailable: see AWS Health.",
      unit: "reqps",
      runbook: "SwitchyardBackendThrottled",
      queries: [
        {
          expr: rateBy(attempts, ["switchyard.backend", "error.type"], { "error.type": '!=""' }),
          legend: legend("switchyard.backend", "error.type"),
        },
      ],
    },
    {
      kind: "timeseries",
      title: "Left, by reason",
      description: "Fallbacks away from a backend that stood first.",
      unit: "reqps",
      runbook: "SwitchyardFallbackShare",
      queries: [
        {
          expr: rateBy("switchyard.fallbacks", [
            "switchyard.backend",
            "switchyard.fallback.reason",
          ]),
          legend: legend("switchyard.backend", "switchyard.fallback.reason"),
        },
      ],
    },
    {
      kind: "timeseries",
      title: "Ejected",
      description:
        "Routers that have a backend out of all chains. All of them: it is down or throttled; one: that router's own view.",
      unit: "none",
      runbook: "SwitchyardBackendFailing",
      queries: [
        {
          expr: sum(
            series("switchyard.backend.state", { "switchyard.state": '!="closed"' }),
            "switchyard.backend",
          ),
          legend: legend("switchyard.backend"),
        },
      ],
    },
    {
      kind: "timeseries",
      title: "Ejections, by reason",
      description:
        "How often routers took a backend out. Frequent ones without errors: its outlier bounds are too tight.",
      unit: "ops",
      queries: [
        {
          expr: rateBy("switchyard.backend.ejections", [
            "switchyard.backend",
            "switchyard.ejection.reason",
          ]),
          legend: legend("switchyard.backend", "switchyard.ejection.reason"),
        },
      ],
    },
  ],
};
