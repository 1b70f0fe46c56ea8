import { describe, expect, it } from "vitest";
import type { AccuracyLabel, SeriesFinding } from "../../../../src/drift/index.ts";
import { decidePin, type PinInput } from "../../../../src/drift/report/pin.ts";
import { driftFinding } from "../../../support/drift-report.ts";
import { at, day, label } from "./samples.ts";

const worse = (given: Partial<SeriesFinding> = {}): SeriesFinding =>
  driftFinding({
    key: { route: "assistant", backend: "small", tenant: null },
    signal: "accuracy",
    source: "golden",
    changedAt: at - 3 * day,
    ...given,
  });

const pin = {
  since: at - day,
  reason: "Accuracy fell.",
  backends: ["small"],
  changedAt: at - 4 * day,
};

const decide = (given: Partial<PinInput> = {}) =>
  decidePin({
    isAsked: true,
    previous: null,
    baseline: "large",
    floorPercent: 95,
    series: [worse()],
    labels: [],
    at,
    ...given,
  });

/** Answers of small after the pin, of which so many are right. */
const answers = (
  count: number,
  right: number,
  given: Partial<AccuracyLabel> & { backend?: string } = {},
) =>
  Array.from({ length: count }, (_, index) =>
    label({ promptId: `golden:exam/${index}`, score: index < right ? 1 : 0, ...given }),
  );

describe("a route", () => {
  it("is pinned where accuracy of another backend has drifted, with the reason", () => {
    expect(decide()).toEqual({
      since: at,
      reason: worse().sentence,
      backends: ["small"],
      changedAt: at - 3 * day,
    });
  });

  it.each([
    ["does not ask for it, or a person has lifted it", { isAsked: false }],
    ["has no baseline", { baseline: null }],
    ["has only the baseline itself drifted", { baseline: "small" }],
    ["has nothing but a classifier's belief", { series: [worse({ estimated: true })] }],
    ["has kept its accuracy", { series: [worse({ state: "ok" })] }],
    ["has only its latency drifted", { series: [driftFinding()] }],
  ])("is not pinned where it %s", (_, given) => {
    expect(decide(given)).toBeNull();
  });

  it.each([
    ["nobody has judged since", []],
    ["a few answers are good", answers(10, 10, { baselineScore: 1 })],
    ["answers are below the floor", answers(200, 170, { baselineScore: 1 })],
    ["only feedback is good", answers(200, 200, { baselineScore: 1, source: "feedback" })],
    ["good answers are from before", answers(200, 200, { baselineScore: 1, ts: pin.since - 1 })],
    ["another backend is good", answers(200, 200, { baselineScore: 1, backend: "medium" })],
  ] as const)("stays pinned, since when it was, where %s", (_, labels) => {
    expect(decide({ previous: pin, labels, series: [] })).toEqual(pin);
  });

  it.each([
    ["shadows keep the floor again", answers(200, 199, { baselineScore: 1, source: "shadow" })],
    ["a golden set keeps the floor again", answers(200, 199, { baselineScore: 1 })],
    [
      "a golden set is answered as before, though that is below the floor",
      [
        ...answers(200, 140, { baselineScore: 1, ts: pin.changedAt - day }),
        ...answers(200, 140, { baselineScore: 1 }),
      ],
    ],
  ])("is let go where %s", (_, labels) => {
    expect(decide({ previous: pin, labels, series: [] })).toBeNull();
  });

  it("stays pinned while one of its backends is not back", () => {
    const previous = { ...pin, backends: ["medium", "small"] };
    const labels = answers(200, 199, { baselineScore: 1 });
    expect(decide({ previous, labels })).toEqual({ ...pin, backends: ["medium"] });
  });
});
