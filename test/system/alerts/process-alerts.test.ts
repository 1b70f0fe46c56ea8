// Alerts on routers and the operator themselves, by stories that promtool plays.
import { describe } from "vitest";
import { absentFor, counter, gauge, goneAfter } from "../../support/alerts/played-series.ts";
import { tellStories, type Story } from "../../support/alerts/promtool-story.ts";

const of = { namespace: "shop" };
const onPod = (name: string, pod = "a"): string => `${name}{namespace="shop",pod="${pod}"}`;

describe("SwitchyardRoutersAway", () => {
  const active = (pod: string) => onPod("switchyard_requests_active", pod);
  tellStories("SwitchyardRoutersAway", [
    {
      what: "pages within a minute of the last router's death",
      series: { [active("a")]: goneAfter(20, 3), [active("b")]: goneAfter(20, 0) },
      at: "21m",
      fires: [
        {
          labels: { ...of, tier: "fast", severity: "page" },
          summary: "No router of shop answers",
          description: "Of 2 routers that were scraped within a quarter of an hour none is left.",
        },
      ],
    },
    {
      what: "is silent where one of them goes on",
      series: { [active("a")]: goneAfter(20, 3), [active("b")]: gauge([60, 0]) },
      at: "25m",
    },
    {
      what: "is silent over routers that were taken away long ago",
      series: { [active("a")]: goneAfter(20, 3) },
      at: "50m",
    },
  ]);
});

describe("SwitchyardOverloaded", () => {
  const shed =
    'switchyard_requests_shed_total{namespace="shop",pod="a",switchyard_shed_reason="bodies"}';
  const requests =
    'switchyard_requests_total{namespace="shop",pod="a",switchyard_outcome="answered"}';
  tellStories("SwitchyardOverloaded", [
    {
      what: "pages where one in ten is turned away",
      series: { [requests]: counter([30, 100]), [shed]: counter([20, 0], [10, 10]) },
      at: "28m",
      fires: [
        {
          labels: { ...of, tier: "slow", severity: "page" },
          summary: "Routers of shop turn requests away unread",
          description:
            "10% of the requests of five minutes were refused with `overloaded`: too many at a time, too large, or too little memory.",
        },
      ],
    },
    {
      what: "is silent where one in two hundred is",
      series: { [requests]: counter([30, 100]), [shed]: counter([20, 0], [10, 0.5]) },
      at: "28m",
    },
  ]);
});

describe("SwitchyardTableStale", () => {
  const unconfirmed = (pod: string) => onPod("switchyard_table_unconfirmed", pod);
  const ticket = { ...of, tier: "slow", severity: "ticket" };
  const long = { ...of, tier: "slow", severity: "page", urgency: "long" };
  const waits = (time: string) =>
    `The table that serves was last confirmed ${time} ago by the router that waits longest`;
  const told = (time: string) => ({
    labels: ticket,
    summary: "Routers of shop do not hear of new tables",
    description: `${waits(time)} (alert from 180 s). It serves on; edits do not reach it.`,
  });
  tellStories("SwitchyardTableStale", [
    {
      what: "writes a ticket after three minutes in which a router has heard nothing",
      series: { [unconfirmed("a")]: counter([60, 15]), [unconfirmed("b")]: gauge([60, 12]) },
      at: "3m15s",
      fires: [told("3m 15s")],
    },
    {
      what: "is silent where every router hears something within three minutes",
      series: { [unconfirmed("a")]: gauge([60, 30]), [unconfirmed("b")]: gauge([60, 179]) },
      at: "30m",
    },
    {
      what: "pages after half an hour",
      series: { [unconfirmed("a")]: counter([60, 15]) },
      at: "31m",
      fires: [
        told("31m 0s"),
        {
          labels: long,
          summary: "Routers of shop have not heard of new tables for long",
          description: `${waits("31m 0s")}. It serves on; keys that were revoked still let callers in.`,
        },
      ],
    },
  ]);
});

describe("SwitchyardTableRefused", () => {
  const refused =
    'switchyard_table_refusals_total{namespace="shop",pod="a",switchyard_refusal="DigestMismatch"}';
  tellStories("SwitchyardTableRefused", [
    {
      what: "writes a ticket at the first one",
      series: { [refused]: absentFor(10, "1+0x40") },
      at: "10m15s",
      fires: [
        {
          labels: {
            ...of,
            switchyard_refusal: "DigestMismatch",
            tier: "slow",
            severity: "ticket",
          },
          summary: "Routers of shop refuse a table",
          description:
            "1 tables were refused within a quarter of an hour (DigestMismatch): the ones before them serve on.",
        },
      ],
    },
    {
      what: "is silent a quarter of an hour later, and where a router starts anew",
      series: { [refused]: "5+0x80 0+0x40" },
      at: "25m",
    },
  ]);
});

describe("SwitchyardRecordsDropped", () => {
  const dropped = onPod("switchyard_records_dropped_total");
  tellStories("SwitchyardRecordsDropped", [
    {
      what: "writes a ticket where some are",
      series: { [dropped]: counter([10, 0], [5, 4]) },
      at: "15m",
      fires: [
        {
          labels: { ...of, tier: "slow", severity: "ticket" },
          summary: "Routers of shop lose records",
          description:
            "80 records could not be written within five minutes: what they tell of costs, labels and drift is missing.",
        },
      ],
    },
    {
      what: "is silent where a router lost some long ago, or starts anew",
      series: { [dropped]: "40+0x80 0+0x40" },
      at: "25m",
    },
  ]);
});

describe("SwitchyardSafetyUnjudged", () => {
  const verdicts = (end: string) =>
    `switchyard_safety_verdicts_total{namespace="shop",pod="a",switchyard_filter_type="BedrockGuardrail",switchyard_safety_stage="input",switchyard_safety_action="allow"${end}}`;
  const judged = (missing: number): Story["series"] => ({
    [verdicts("")]: counter([20, 10 - missing]),
    [verdicts(',switchyard_safety_failure="late"')]: counter([20, missing]),
  });
  tellStories("SwitchyardSafetyUnjudged", [
    {
      what: "pages where one in five gets no verdict",
      series: judged(2),
      at: "15m",
      fires: [
        {
          labels: {
            ...of,
            switchyard_filter_type: "BedrockGuardrail",
            tier: "slow",
            severity: "page",
          },
          summary: "Safety filters BedrockGuardrail of shop give no verdict",
          description:
            "20% of what they looked at within five minutes they could not judge, and it passed or was blocked as their failure policy says.",
        },
      ],
    },
    { what: "is silent where one in fifty does not", series: judged(0.2), at: "15m" },
  ]);
});

describe("SwitchyardNoLeader", () => {
  const leader = (pod: string) => onPod("switchyard_operator_leader", pod);
  const told = {
    labels: { ...of, tier: "slow", severity: "page" },
    summary: "No operator of shop leads",
    description:
      "One led within the hour, none does now: routers serve on, but edits are not compiled, and nothing is repaired.",
  };
  tellStories("SwitchyardNoLeader", [
    {
      what: "pages where two stand by and neither leads",
      series: { [leader("a")]: gauge([20, 1], [20, 0]), [leader("b")]: gauge([40, 0]) },
      at: "23m",
      fires: [told],
    },
    {
      what: "pages where they are gone",
      series: { [leader("a")]: goneAfter(20, 1) },
      at: "23m",
      fires: [told],
    },
    {
      what: "is silent over a change of leaders",
      series: { [leader("a")]: gauge([20, 1], [20, 0]), [leader("b")]: gauge([21, 0], [20, 1]) },
      at: "23m",
    },
  ]);
});

describe("SwitchyardOperatorFailing", () => {
  const failing = onPod("switchyard_operator_groups_failing");
  tellStories("SwitchyardOperatorFailing", [
    {
      what: "writes a ticket where a group fails for ten minutes",
      series: { [failing]: gauge([10, 0], [20, 2]) },
      at: "21m",
      fires: [
        {
          labels: { ...of, tier: "slow", severity: "ticket" },
          summary: "The operator of shop fails to look after groups",
          description: "2 groups have failed for ten minutes: their edits do not reach routers.",
        },
      ],
    },
    {
      what: "is silent where it fails for five",
      series: { [failing]: gauge([10, 0], [5, 2], [20, 0]) },
      at: "21m",
    },
  ]);
});
