import { type Dashboard, rising } from "./panel.ts";
import { legend, quantile, rateBy, shareOf } from "./query.ts";

const verdicts = "switchyard.safety.verdicts";
const unjudged = { "switchyard.safety.failure": '!=""' } as const;

export const safety: Dashboard = {
  uid: "switchyard-safety",
  title: "Switchyard / Safety",
  description: "What filters found and did, what they cost in time, and who was not let in.",
  choices: ["route", "tenant"],
  rows: [
    {
      title: "Now",
      panels: [
        {
          kind: "stat",
          title: "Verdicts",
          description:
            "A second. None where filters are set: no traffic, or the table without them: Operations.",
          unit: "ops",
          queries: [{ expr: rateBy(verdicts) }],
        },
        {
          kind: "stat",
          title: "Blocked",
          description:
            "The share of texts that were blocked. A jump: an attack, or a rule that is too wide; the records of the safety stream name it.",
          unit: "percentunit",
          steps: rising(0.05, 0.2),
          queries: [{ expr: shareOf(verdicts, [], { "switchyard.safety.action": '="block"' }) }],
        },
        {
          kind: "stat",
          title: "Without a verdict",
          description:
            "The share of texts of which a filter gave none in time, which onFailure then decides on.",
          unit: "percentunit",
          runbook: "SwitchyardSafetyUnjudged",
          steps: rising(0.001, 0.01),
          queries: [{ expr: shareOf(verdicts, [], unjudged) }],
        },
      ],
    },
    {
      title: "What filters did",
      panels: [
        {
          kind: "timeseries",
          title: "By action",
          description: "allow, observe, redact, block: each text once a stage.",
          unit: "ops",
          stacked: true,
          queries: [
            {
              expr: rateBy(verdicts, ["switchyard.safety.action"]),
              legend: legend("switchyard.safety.action"),
            },
          ],
        },
        {
          kind: "timeseries",
          title: "Found, by filter",
          description: "All but allow, by the filter's type and stage.",
          unit: "ops",
          queries: [
            {
              expr: rateBy(
                verdicts,
                ["switchyard.filter.type", "switchyard.safety.stage", "switchyard.safety.action"],
                { "switchyard.safety.action": '!="allow"' },
              ),
              legend: legend(
                "switchyard.filter.type",
                "switchyard.safety.stage",
                "switchyard.safety.action",
              ),
            },
          ],
        },
        {
          kind: "timeseries",
          title: "Without a verdict, by filter",
          description:
            "failed or late. A guardrail of Bedrock: its quota or its region; others: texts that are too long for their bound.",
          unit: "ops",
          runbook: "SwitchyardSafetyUnjudged",
          queries: [
            {
              expr: rateBy(
                verdicts,
                ["switchyard.filter.type", "switchyard.safety.failure"],
                unjudged,
              ),
              legend: legend("switchyard.filter.type", "switchyard.safety.failure"),
            },
          ],
        },
        {
          kind: "timeseries",
          title: "Found, by tenant",
          description:
            "Who sends what is found. One tenant alone: talk to it; all: a rule has changed.",
          unit: "ops",
          queries: [
            {
              expr: rateBy(verdicts, ["switchyard.tenant", "switchyard.safety.action"], {
                "switchyard.safety.action": '!="allow"',
              }),
              legend: legend("switchyard.tenant", "switchyard.safety.action"),
            },
          ],
        },
        {
          kind: "timeseries",
          title: "Found, by route",
          description: "One route alone: its own filters or its prompts.",
          unit: "ops",
          queries: [
            {
              expr: rateBy(verdicts, ["switchyard.route", "switchyard.safety.action"], {
                "switchyard.safety.action": '!="allow"',
              }),
              legend: legend("switchyard.route", "switchyard.safety.action"),
            },
          ],
        },
        {
          kind: "timeseries",
          title: "Time that filters take, P95",
          description:
            "Of a request's texts of one stage. It is a part of what Switchyard adds to latency.",
          unit: "s",
          queries: [
            {
              expr: quantile(0.95, "switchyard.safety.duration", [
                "switchyard.filter.type",
                "switchyard.safety.stage",
              ]),
              legend: legend("switchyard.filter.type", "switchyard.safety.stage"),
            },
          ],
        },
      ],
    },
    {
      title: "Who is let in",
      panels: [
        {
          kind: "timeseries",
          title: "Callers that were not let in",
          description:
            "By reason. unknown_key from everywhere: somebody tries keys; expired ones: rotate them.",
          unit: "reqps",
          width: 12,
          queries: [
            {
              expr: rateBy("switchyard.callers.refused", ["switchyard.refusal"]),
              legend: legend("switchyard.refusal"),
            },
          ],
        },
        {
          kind: "timeseries",
          title: "Bounds that would refuse",
          description:
            "Of policies that only observe: what would happen were they enforced. Zero for a week: enforce them.",
          unit: "reqps",
          width: 12,
          queries: [
            {
              expr: rateBy("switchyard.would_refuse", ["switchyard.tenant", "switchyard.bound"]),
              legend: legend("switchyard.tenant", "switchyard.bound"),
            },
          ],
        },
      ],
    },
  ],
};
