import { expect, it } from "vitest";
import {
  runDrift,
  type AccuracyLabel,
  type HistogramSource,
  type WatchedRoute,
} from "../../../src/drift/index.ts";
import { ok, seededRandom } from "../../../src/lib/index.ts";
import type { DriftReport } from "../../../src/table/index.ts";

const day = 86_400_000;
const prompts = 50;

const route: WatchedRoute = {
  name: "assistant",
  baseline: "large",
  bounds: { distancePercent: 8, p50Percent: 8, p95Percent: 15, floorPercent: null },
  envelope: {},
  floorPercent: 95,
  goldenSet: "exam",
  pins: true,
};

/** A golden set that is asked once a day, of whose answers so many are right on a day. */
function goldenSource(rightOn: (day: number) => number): HistogramSource {
  const random = seededRandom(1);
  const labels = Array.from({ length: 80 }, (_, date) =>
    Array.from({ length: prompts }, (_each, prompt): AccuracyLabel => ({
      key: { route: "assistant", backend: "small", tenant: null },
      ts: date * day + prompt,
      score: prompt < rightOn(date) && random() > 0.01 ? 1 : 0,
      source: "golden",
      promptId: `golden:exam/${prompt}`,
      baselineScore: null,
    })),
  ).flat();
  return {
    name: "records",
    cannot: new Map(),
    since: async () => ok(0),
    distributions: async () => ok([]),
    shares: async () => ok([]),
    mixes: async () => ok([]),
    labels: async ({ from, to }) => ok(labels.filter(({ ts }) => ts >= from && ts < to)),
    close: async () => undefined,
  };
}

/** Whether the route was pinned after the run of each day. */
async function pinnedOn(source: HistogramSource, from: number, to: number): Promise<number[]> {
  const pinned: number[] = [];
  let previous: DriftReport | null = null;
  for (let date = from; date <= to; date += 1) {
    const run = await runDrift({
      at: date * day,
      windowMs: day,
      routes: [route],
      source,
      freshLabels: [],
      previous,
      missing: [],
      title: "",
      signal: AbortSignal.timeout(60_000),
    });
    if (!run.ok) throw new Error(run.error);
    previous = run.value.report;
    if (previous.routes["assistant"]?.pinned) pinned.push(date);
  }
  return pinned;
}

it("pins a route while answers are worse, and lets it go for good once they are as before", async () => {
  const source = goldenSource((date) => (date >= 40 && date < 46 ? 25 : 45));
  const pinned = await pinnedOn(source, 35, 75);
  const [first = 0] = pinned;
  expect(first).toBe(41);
  // What was worse stays among the labels for weeks, and neither holds the pin nor sets it again.
  expect(pinned).toEqual(pinned.map((_, index) => first + index));
  expect(pinned.at(-1)).toBeGreaterThanOrEqual(46);
  expect(pinned.at(-1)).toBeLessThan(56);
});

it("pins it again where answers become worse again", async () => {
  const isWorse = (date: number): boolean => [40, 41, 60, 61].includes(date);
  const pinned = await pinnedOn(
    goldenSource((date) => (isWorse(date) ? 25 : 45)),
    35,
    75,
  );
  expect(pinned).toContain(41);
  expect(pinned).not.toContain(59);
  expect(pinned).toContain(62);
});
