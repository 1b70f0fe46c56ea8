import { describe, expect, it } from "vitest";
import {
  runDrift,
  type AccuracyLabel,
  type HistogramSource,
  type Window,
} from "../../../src/drift/index.ts";
import { ok } from "../../../src/lib/index.ts";
import { at, day, label } from "./report/samples.ts";

const route = {
  name: "assistant",
  baseline: null,
  bounds: { distancePercent: 8, p50Percent: 8, p95Percent: 15, floorPercent: null },
  envelope: {},
  floorPercent: 80,
  goldenSet: null,
  pins: false,
};

/** Feedback that comes evenly; of the last days four in ten answers are wrong, else one in twenty. */
function feedback(perDay: number, badDays: number): AccuracyLabel[] {
  return Array.from({ length: 80 * perDay }, (_, index) => {
    const ts = at - 80 * day + Math.floor((index * day) / perDay);
    const isBad = ts >= at - badDays * day;
    const score = index % 20 < (isBad ? 8 : 1) ? 0 : 1;
    return label({ ts, score, source: "feedback", promptId: `p${index}` });
  });
}

/** Holds labels alone, from so many days ago on. @returns the days of which labels were asked for, too */
function storeOf(labels: readonly AccuracyLabel[], days: number) {
  const asked: number[] = [];
  const source: HistogramSource = {
    name: "records",
    cannot: new Map(),
    since: async () => ok(at - days * day),
    distributions: async () => ok([]),
    shares: async () => ok([]),
    mixes: async () => ok([]),
    labels: async ({ from, to }: Window) => {
      asked.push(Math.round((to - from) / day));
      return ok(labels.filter(({ ts }) => ts >= from && ts < to && ts >= at - days * day));
    },
    close: async () => undefined,
  };
  return { source, asked };
}

async function accuracy({ source }: Pick<ReturnType<typeof storeOf>, "source">) {
  const made = await runDrift({
    at,
    windowMs: day,
    routes: [route],
    source,
    freshLabels: [],
    previous: null,
    missing: [],
    title: "Drift",
    signal: AbortSignal.timeout(60_000),
  });
  if (!made.ok) throw new Error(made.error);
  return made.value.report.routes["assistant"]?.accuracy?.state;
}

describe("a run of drift", () => {
  it.each([
    ["a month of them, where that is enough", 40, 80, [31], "drifted"],
    ["two months of them, where they come seldom", 12, 80, [31, 28], "drifted"],
    ["as far back as there are any", 12, 45, [31, 14], "ok"],
    ["a month of them, where there are no older ones", 12, 31, [31], "insufficient"],
  ])("asks for labels of %s", async (_, perDay, days, ranges, state) => {
    const store = storeOf(feedback(perDay, state === "ok" ? 0 : 18), days);
    expect([await accuracy(store), store.asked]).toEqual([state, ranges]);
  });
});
