// Routers and the operator themselves.
import { all, grown, maxBy, place, rates, series, sumBy } from "./promql.ts";
import { type Alert, type Group, threshold } from "./rule.ts";

const namespace = "{{ $labels.namespace }}";
const perNamespace = place();
const unconfirmed = maxBy(perNamespace, series("switchyard.table.unconfirmed"));
const verdicts = (matchers = {}): string =>
  sumBy(
    place("switchyard.filter.type"),
    rates([series("switchyard.safety.verdicts", matchers)], "[5m]"),
  );
const unjudged = verdicts({ "switchyard.safety.failure": '!=""' });
const shed = sumBy(perNamespace, rates([series("switchyard.requests.shed")], "[5m]"));
const requests = sumBy(perNamespace, rates([series("switchyard.requests")], "[5m]"));

const staleFor =
  "The table that serves was last confirmed {{ $value | humanizeDuration }} ago by the router that waits longest";

const alerts: readonly Alert[] = [
  {
    alert: "SwitchyardRoutersAway",
    tier: "fast",
    severity: "page",
    for: "30s",
    expr:
      `count by (${perNamespace}) (count_over_time(${series("switchyard.requests.active")}[15m]))\nunless\n` +
      `count by (${perNamespace}) (${series("switchyard.requests.active")})`,
    summary: `No router of ${namespace} answers`,
    description:
      "Of {{ $value | humanize }} routers that were scraped within a quarter of an hour none is left.",
  },
  {
    alert: "SwitchyardOverloaded",
    tier: "slow",
    severity: "page",
    for: "1m",
    expr: all(
      `${shed}\n/\n(${requests} > 0)\n> 0.01`,
      `${shed} * 300 >= ${threshold("minimumFailures")}`,
    ),
    summary: `Routers of ${namespace} turn requests away unread`,
    description:
      "{{ $value | humanizePercentage }} of the requests of five minutes were refused with `overloaded`: too many at a time, too large, or too little memory.",
  },
  {
    alert: "SwitchyardTableStale",
    tier: "slow",
    severity: "ticket",
    expr: `${unconfirmed} > ${threshold("tableStaleSeconds")}`,
    summary: `Routers of ${namespace} do not hear of new tables`,
    description: `${staleFor} (alert from ${threshold("tableStaleSeconds")} s). It serves on; edits do not reach it.`,
  },
  {
    alert: "SwitchyardTableStale",
    tier: "slow",
    severity: "page",
    labels: { urgency: "long" },
    expr: `${unconfirmed} > 10 * ${threshold("tableStaleSeconds")}`,
    summary: `Routers of ${namespace} have not heard of new tables for long`,
    description: `${staleFor}. It serves on; keys that were revoked still let callers in.`,
  },
  {
    alert: "SwitchyardTableRefused",
    tier: "slow",
    severity: "ticket",
    expr: `${sumBy(place("switchyard.refusal"), grown(series("switchyard.table.refusals"), "15m"))} > 0`,
    summary: `Routers of ${namespace} refuse a table`,
    description:
      "{{ $value | humanize }} tables were refused within a quarter of an hour ({{ $labels.switchyard_refusal }}): the ones before them serve on.",
  },
  {
    alert: "SwitchyardRecordsDropped",
    tier: "slow",
    severity: "ticket",
    expr: `${sumBy(perNamespace, `increase(${series("switchyard.records.dropped")}[5m])`)} > 0`,
    keepFiringFor: "15m",
    summary: `Routers of ${namespace} lose records`,
    description:
      "{{ $value | humanize }} records could not be written within five minutes: what they tell of costs, labels and drift is missing.",
  },
  {
    alert: "SwitchyardSafetyUnjudged",
    tier: "slow",
    severity: "page",
    expr: all(
      `${unjudged}\n/\n(${verdicts()} > 0)\n> 0.05`,
      `${unjudged} * 300 >= ${threshold("minimumFailures")}`,
    ),
    keepFiringFor: "5m",
    summary: `Safety filters {{ $labels.switchyard_filter_type }} of ${namespace} give no verdict`,
    description:
      "{{ $value | humanizePercentage }} of what they looked at within five minutes they could not judge, and it passed or was blocked as their failure policy says.",
  },
  {
    alert: "SwitchyardNoLeader",
    tier: "slow",
    severity: "page",
    for: "2m",
    expr:
      `${maxBy(perNamespace, `max_over_time(${series("switchyard.operator.leader")}[1h])`)}\nunless\n` +
      `${maxBy(perNamespace, series("switchyard.operator.leader"))} == 1`,
    summary: `No operator of ${namespace} leads`,
    description:
      "One led within the hour, none does now: routers serve on, but edits are not compiled, and nothing is repaired.",
  },
  {
    alert: "SwitchyardOperatorFailing",
    tier: "slow",
    severity: "ticket",
    for: "10m",
    expr: `${maxBy(perNamespace, series("switchyard.operator.groups.failing"))} > 0`,
    summary: `The operator of ${namespace} fails to look after groups`,
    description:
      "{{ $value | humanize }} groups have failed for ten minutes: their edits do not reach routers.",
  },
];

export const processGroups: readonly Group[] = [
  { name: "switchyard-processes", interval: "15s", recordings: [], alerts },
];
