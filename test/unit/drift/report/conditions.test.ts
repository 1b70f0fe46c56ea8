import { describe, expect, it } from "vitest";
import type { Condition } from "../../../../src/api/index.ts";
import {
  driftStatus,
  isSameDrift,
  transitionsOf,
} from "../../../../src/drift/report/conditions.ts";
import type { DriftJudgement, RouteDrift } from "../../../../src/table/index.ts";
import { routeDrift } from "../../../support/drift-report.ts";
import { at, day } from "./samples.ts";

const said = (state: DriftJudgement["state"]): DriftJudgement => ({
  state,
  sentence: `It is ${state}.`,
});

const quiet: RouteDrift = routeDrift({ latency: said("ok"), series: [] });

const statusOf = (route: RouteDrift, previous: readonly Condition[] = [], now = at) =>
  driftStatus({ route, generation: 3, previous, now });

const brief = (route: RouteDrift) => {
  const { conditions, drift } = statusOf(route);
  return [...conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`), drift];
};

describe("a route's part of the drift job's status", () => {
  it.each<[string, Partial<RouteDrift>, string[]]>([
    ["nothing has drifted", {}, ["LatencyDrift False LatencyWithinBounds", "None"]],
    ["latency has", { latency: said("drifted") }, ["LatencyDrift True LatencyDrifted", "Latency"]],
    [
      "too little is known",
      { latency: said("insufficient"), accuracy: said("insufficient") },
      [
        "LatencyDrift Unknown InsufficientData",
        "AccuracyDrift Unknown InsufficientData",
        "Unknown",
      ],
    ],
    [
      "all has",
      { latency: said("drifted"), accuracy: said("drifted"), envelope: said("drifted") },
      [
        "EnvelopeMissed True EnvelopeMissed",
        "LatencyDrift True LatencyDrifted",
        "AccuracyDrift True AccuracyDrifted",
        "Latency and Accuracy",
      ],
    ],
    [
      "it is pinned, and its newest answers are good",
      {
        accuracy: said("ok"),
        pinned: { since: at, reason: "It fell.", backends: ["small"], changedAt: at },
      },
      ["LatencyDrift False LatencyWithinBounds", "AccuracyDrift True PinnedToBaseline", "Accuracy"],
    ],
  ])("says so where %s", (_, given, expected) => {
    expect(brief({ ...quiet, ...given })).toEqual(expected);
  });

  it("names the generation that was looked at, and the time of the flip alone", () => {
    const first = statusOf(quiet).conditions;
    const later = statusOf(
      { ...quiet, latency: { ...said("ok"), sentence: "As ever." } },
      first,
      at + day,
    );
    expect(later.conditions).toMatchObject([
      { observedGeneration: 3, lastTransitionTime: "2026-11-28T03:20:00Z", message: "As ever." },
    ]);
    const flipped = statusOf({ ...quiet, latency: said("drifted") }, first, at + day);
    expect(flipped.conditions[0]?.lastTransitionTime).toBe("2026-11-29T03:20:00Z");
  });

  it("is written only where it says something else", () => {
    const status = statusOf(quiet);
    const others = [{ type: "Ready", status: "True" }, ...status.conditions] as Condition[];
    expect(isSameDrift({ ...status, conditions: others }, statusOf(quiet, others))).toBe(true);
    const worse = statusOf({ ...quiet, latency: said("drifted") }, others);
    expect(isSameDrift({ ...status, conditions: others }, worse)).toBe(false);
    expect(isSameDrift({}, status)).toBe(false);
  });
});

describe("a transition", () => {
  const states = ["ok", "drifted", "insufficient"] as const;
  const conditionsOf = (state: (typeof states)[number]) =>
    statusOf({ ...quiet, latency: said(state) }).conditions;

  it.each(states)("is told once from %s to each other state, and never to itself", (from) => {
    for (const to of states)
      expect(transitionsOf(conditionsOf(from), conditionsOf(to))).toHaveLength(from === to ? 0 : 1);
  });

  it("is a warning where something drifts, and none where it ends", () => {
    expect(transitionsOf(conditionsOf("ok"), conditionsOf("drifted"))).toEqual([
      { type: "Warning", reason: "LatencyDrifted", note: "LatencyDrift: It is drifted." },
    ]);
    expect(transitionsOf(conditionsOf("drifted"), conditionsOf("ok"))).toMatchObject([
      { type: "Normal", reason: "LatencyWithinBounds" },
    ]);
  });

  it("is no first look that finds nothing amiss", () => {
    expect(transitionsOf([], conditionsOf("ok"))).toEqual([]);
    expect(transitionsOf([], conditionsOf("insufficient"))).toEqual([]);
    expect(transitionsOf([], conditionsOf("drifted"))).toHaveLength(1);
  });
});
