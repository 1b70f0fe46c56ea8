import type { ReplayedGroup, ReplayedSide, ReplayReport } from "../policy/index.ts";
import { captioned, type DataTable } from "../pages/index.ts";
import { percent } from "./eval-report.ts";

const usd = (amount: number): string => amount.toFixed(6);
const orDash = (share: number | null): string => (share === null ? "-" : percent(share));

/** Both policies on the same requests, a line for each route and one for all. */
function comparison({ total, routes }: ReplayReport): DataTable {
  const lines = ([name, group]: readonly [string, ReplayedGroup]): string[][] => [
    [name, "then", String(group.requests), ...figuresOf(group.recorded), ""],
    ["", "now", "", ...figuresOf(group.replayed), String(group.changed)],
  ];
  const groups = [...Object.entries(routes), ["all", total] as const];
  return {
    caption:
      "The recorded requests under the policy that they had, and under the one that was given",
    head: [
      "route",
      "policy",
      "requests",
      "cost, USD",
      "saved, %",
      "expected kept, %",
      "certified, %",
      "by baseline, %",
      "envelope missed, %",
      "changed",
    ],
    rows: groups.flatMap(lines),
  };
}

function figuresOf(side: ReplayedSide): string[] {
  const { kept } = side;
  const interval =
    kept === null
      ? "-"
      : `${percent(kept.estimate)} (${percent(kept.lower)}–${percent(kept.upper)})`;
  return [
    usd(side.costUsd),
    orDash(side.saved),
    interval,
    percent(side.certified),
    percent(side.baseline),
    percent(side.envelopeMissed),
  ];
}

function shares({ total: { recorded, replayed } }: ReplayReport): DataTable {
  const backends = [
    ...new Set([...Object.keys(recorded.backends), ...Object.keys(replayed.backends)]),
  ];
  return {
    caption: "Share of the requests by backend",
    head: ["backend", "then, %", "now, %"],
    rows: backends
      .toSorted()
      .map((name) => [
        name,
        percent(recorded.backends[name] ?? 0),
        percent(replayed.backends[name] ?? 0),
      ]),
  };
}

/** Requests that were left out, as the rest of a sentence. */
const whyLeft: Readonly<Record<keyof ReplayReport["left"], string>> = {
  no_route: "of routes that the configuration has not",
  no_estimates: "of which no estimates were recorded",
  no_candidate: "of which no candidate of now was permitted then",
  no_measure: "whose floor is a share of a baseline that was not estimated",
  measuring: "that were shadows, questions to judges or replays of a golden set",
  unserved: "that no backend was tried for",
};

/** What the figures rest on, and what records cannot tell. */
function notes(report: ReplayReport): string[] {
  const { total, left, otherPrior, pinned, unpriced } = report;
  const lines = Object.entries(left)
    .filter(([, count]) => count > 0)
    .map(([why, count]) => `Left out: ${count} requests ${whyLeft[why as keyof typeof whyLeft]}.`);
  const labelled = total.replayed.kept?.labelled ?? 0;
  lines.push(
    `What is kept is what was believed then, corrected by labels for ${percent(labelled)} % of the requests: no model is asked, and what another classifier would say needs texts, which no record holds.`,
  );
  if (otherPrior > 0) {
    lines.push(
      `${otherPrior} requests follow a plan that knows the route's usual shares of correct answers, and may have been judged without them: what was said of them then is taken.`,
    );
  }
  if (pinned > 0) {
    lines.push(
      `${pinned} requests went to the baseline because accuracy had drifted: they are replayed as if their route had not been pinned.`,
    );
  }
  const { requests, costUsd } = total.unknown;
  if (requests > 0) {
    lines.push(
      `${requests} requests have candidates now that were none then, and are replayed without them: with them the cost lies between ${usd(costUsd.lower)} and ${usd(costUsd.upper)} USD, and what is kept nobody knows.`,
    );
  }
  if (unpriced.length > 0) {
    lines.push(
      `No answer of ${unpriced.join(", ")} is recorded: it is chosen by the costs that were expected then.`,
    );
  }
  return lines;
}

/** For people. */
export function replayText(report: ReplayReport): string {
  const reasons: DataTable = {
    caption: "Why each would be chosen now",
    head: ["reason", "requests"],
    rows: Object.entries(report.total.reasons).map(([reason, count]) => [reason, String(count)]),
  };
  const tables = [comparison(report), shares(report), reasons].map(captioned);
  return [...tables, notes(report).join("\n")].join("\n\n");
}
