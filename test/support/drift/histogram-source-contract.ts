// What every source of figures has to do alike, told the same traffic.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type {
  DistributionSeries,
  Histogram,
  HistogramSource,
  ShareSeries,
  SourceScope,
  Wanting,
} from "../../../src/drift/index.ts";
import {
  calmWindow,
  missingWindow,
  type PlantedTraffic,
  plantTraffic,
  scope,
  slowWindow,
} from "./planted-traffic.ts";

export interface SourceMaker {
  /** A source that holds the traffic, whatever it takes to put it there. */
  open: (planted: PlantedTraffic, scope: SourceScope) => Promise<HistogramSource>;
  /** The same with another scope, over what was planted already. */
  reopen: (scope: SourceScope) => Promise<HistogramSource>;
  /** Sources before a server or store that fails in the way that the name says; each gives up within 500 ms. */
  failing: Readonly<Record<string, () => Promise<HistogramSource>>>;
  /** One before a store that never answers, which waits for a minute. */
  waiting: () => Promise<HistogramSource>;
}

interface Differences {
  /** By how much counts may be off, as a share: where a store estimates them. */
  tolerance?: number;
  /** What of labels it cannot tell. */
  labels?: "whole" | "counted";
  /** Shares that it knows for no tenant. */
  sharesOfAllAlone?: readonly ShareSeries["signal"][];
}

/** The traffic ends where the newest window does, at a whole hour. */
export function describeHistogramSource(
  name: string,
  make: SourceMaker,
  { tolerance = 0, labels = "whole", sharesOfAllAlone = [] }: Differences = {},
): void {
  const end = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  const planted = plantTraffic(end);
  const { windows } = planted;
  const near = (count: number | null) => expectedNear(count, tolerance);

  describe(`${name}, as any source of figures,`, () => {
    let source: HistogramSource;
    const signal = new AbortController().signal;

    beforeAll(async () => {
      source = await make.open(planted, scope);
    });
    afterAll(() => source.close());

    const gives = (what: Wanting) => !source.cannot.has(what);

    it("says of each thing that it cannot give why, and gives all others", async () => {
      const told = new Set<string>([
        ...valueOf(await source.distributions(windows, signal)).map((each) => each.signal),
        ...valueOf(await source.shares(windows, signal)).map((each) => each.signal),
        ...valueOf(await source.mixes(windows, signal)).map((each) => each.fact),
        ...(valueOf(await source.labels(wholeOf(windows), signal)).length > 0 ? ["accuracy"] : []),
      ]);
      expect([...told, ...source.cannot.keys()].toSorted()).toEqual(everything.toSorted());
      for (const reason of source.cannot.values()) expect(reason).toMatch(/^[A-Za-z].{20,}[^.]$/);
    });

    it("counts the same samples of every window, and tells of no others", async () => {
      const found = valueOf(await source.distributions(windows, signal));
      const counted = (wanted: DistributionSeries["signal"], backend: string) =>
        countsOf(theSeries(found, wanted, { backend, tenant: null }));
      const lite = (calm: number, usual: number) => perWindow(calm, usual).map(near);
      expect(counted("latency", "lite")).toEqual(lite(402, 414));
      expect(counted("first_token", "lite")).toEqual(lite(402, 402));
      expect(counted("input_tokens", "lite")).toEqual(lite(402, 402));
      expect(counted("output_tokens", "lite")).toEqual(lite(402, 402));
      for (const each of ["latency", "first_token", "input_tokens", "output_tokens"] as const)
        expect(counted(each, "pro")).toEqual([null, ...perWindow(48, 48).slice(1).map(near)]);
      if (gives("cost")) expect(counted("cost", "lite")).toEqual(lite(402, 402));
      if (gives("confidence")) expect(counted("confidence", "lite")).toEqual(lite(402, 450));
      const places = new Set(found.map(({ key }) => `${key.route} ${key.backend} ${key.tenant}`));
      expect([...places].toSorted()).toEqual(["chat lite big", "chat lite null", "chat pro null"]);
    });

    it("puts them into the buckets where they belong", async () => {
      const found = valueOf(await source.distributions(windows, signal));
      const { windows: days } = theSeries(found, "latency", { backend: "lite", tenant: null });
      const usual = days[3];
      const slow = days[slowWindow];
      expect(within(usual, 0.15, 0.33)).toEqual(near(324));
      expect(within(usual, 0.63, 1.29)).toEqual(near(78));
      expect(within(usual, 1.27, 2.57)).toEqual(near(12));
      expect(within(slow, 0.31, 0.65)).toEqual(near(324));
      expect(within(slow, 1.27, 2.57)).toEqual(near(90));
      const seconds = 324 * 0.3 + 78 * 0.7 + 12 * 2.2;
      expect(Math.abs((usual?.sum ?? 0) / seconds - 1)).toBeLessThanOrEqual(tolerance + 1e-9);
      const input = theSeries(found, "input_tokens", { backend: "pro", tenant: null }).windows[3];
      expect(within(input, 1_000, 4_100)).toEqual(near(48));
      for (const histogram of found.flatMap((each) => each.windows)) assertSound(histogram);
    });

    it("gives series of their own to large tenants alone", async () => {
      const found = valueOf(await source.distributions(windows, signal));
      const big = theSeries(found, "latency", { backend: "lite", tenant: "big" });
      expect(countsOf(big)).toEqual(perWindow(306, 318).map(near));
      const narrower = await make.reopen({ ...scope, tenantFloor: 20 });
      const small = valueOf(await narrower.distributions(windows, signal)).filter(
        ({ key, signal: each }) => key.tenant === "small" && each === "latency",
      );
      await narrower.close();
      expect(small.map(countsOf)).toEqual([perWindow(24, 24).map(near)]);
    });

    it("counts what became of requests", async () => {
      const found = valueOf(await source.shares(windows, signal));
      const day = (wanted: ShareSeries["signal"], backend: string) =>
        theSeries(found, wanted, { backend, tenant: null }).windows;
      const usual = [3, 4, 5];
      for (const index of usual) {
        expect(day("error", "lite")[index]).toEqual({
          none: near(402),
          throttled: near(36),
          timeout: near(12),
        });
        expect(day("error", "pro")[index]).toEqual({ none: near(48) });
        expect(day("fallback", "lite")[index]).toEqual({
          none: near(402),
          RateLimited: near(36),
          Timeout: near(12),
        });
      }
      expect(day("error", "lite")[missingWindow]).toBeNull();
      expect(day("error", "pro")[calmWindow]).toBeNull();
      if (gives("finish_reason"))
        expect(day("finish_reason", "lite")[3]).toEqual({ stop: 390, content_filter: 12 });
      if (gives("refusal"))
        expect(day("refusal", "lite")[3]).toEqual({ answered: 390, refused: 12 });
      const ofBig = found.filter(({ key }) => key.tenant === "big" && key.backend === "lite");
      const known = everyShare.filter((each) => gives(each) && !sharesOfAllAlone.includes(each));
      expect(ofBig.map(({ signal: each }) => each).toSorted()).toEqual(known.toSorted());
    });

    it("tells what the requests were, for a guess at the cause", async () => {
      const found = valueOf(await source.mixes(windows, signal));
      const day = (fact: string, backend: string) =>
        found.find(
          ({ key, fact: each }) => each === fact && key.backend === backend && key.tenant === null,
        )?.windows[3];
      const counts = (fact: string, backend: string) =>
        Object.fromEntries(
          Object.entries(day(fact, backend) ?? {}).map(([category, { count }]) => [
            category,
            count,
          ]),
        );
      expect(counts("model", "lite")).toEqual({ "model-lite": near(402) });
      expect(counts("model", "pro")).toEqual({ "model-pro": near(48) });
      expect(counts("tenant", "lite")).toEqual({ big: near(306), small: near(24) });
      expect(counts("prompt_length", "lite")).toEqual({ "up to 256 tokens": near(402) });
      expect(counts("prompt_length", "pro")).toEqual({ "up to 4096 tokens": near(48) });
      if (gives("region")) expect(counts("region", "lite")).toEqual({ "eu-west-1": near(402) });
      const mean = day("tenant", "lite")?.["small"]?.means.latency ?? 0;
      expect(mean).toBeCloseTo(0.3, 2);
    });

    it("gives each judgement once, by its time", async () => {
      const found = valueOf(await source.labels(wholeOf(windows), signal));
      const golden = found.filter(({ source: each }) => each === "golden");
      const wrong = golden.filter(({ score }) => score === 0);
      const hours = 5 * 6;
      expect(golden.length).toEqual(near(hours * 20));
      expect(wrong.length).toEqual(near(hours));
      expect(new Set(wrong.map(({ key }) => `${key.route} ${key.backend} ${key.tenant}`))).toEqual(
        new Set(["chat lite null"]),
      );
      const times = found.map(({ ts }) => ts);
      expect(times).toEqual(times.toSorted((left, right) => left - right));
      if (labels === "counted") return;
      expect(wrong.every(({ baselineScore }) => baselineScore === 1)).toBe(true);
      const feedback = found.filter(({ source: each }) => each === "feedback");
      expect(feedback).toHaveLength(hours);
      expect(feedback[0]?.key).toEqual({ route: "chat", backend: "lite", tenant: "big" });
    });

    it("says from when on it knows anything", async () => {
      const since = valueOf(await source.since(signal));
      expect(Math.abs((since ?? 0) - (windows[0]?.from ?? 0))).toBeLessThanOrEqual(3_600_000);
    });

    it("tells nothing of windows before that, and of routes that nobody called", async () => {
      const [first] = windows;
      const before = [{ from: (first?.from ?? 0) - 7_200_000, to: (first?.from ?? 0) - 3_600_000 }];
      expect(await source.distributions(before, signal)).toEqual({ ok: true, value: [] });
      expect(await source.shares(before, signal)).toEqual({ ok: true, value: [] });
      const other = await make.reopen({ ...scope, routes: [{ name: "never", baseline: null }] });
      expect(await other.distributions(windows, signal)).toEqual({ ok: true, value: [] });
      await other.close();
      const none = await make.reopen({ ...scope, routes: [] });
      expect(await none.distributions(windows, signal)).toEqual({ ok: true, value: [] });
      expect(await none.labels(wholeOf(windows), signal)).toEqual({ ok: true, value: [] });
      await none.close();
    });

    it("takes names for names, whatever is in them", async () => {
      const names = [
        `x" or route!="`,
        "x') OR 1=1 --",
        "a\\",
        "ch.t",
        "chat|unasked",
        "{a:String}",
      ];
      const other = await make.reopen({
        ...scope,
        routes: names.map((odd) => ({ name: odd, baseline: odd })),
      });
      expect(await other.distributions(windows, signal)).toEqual({ ok: true, value: [] });
      expect(await other.shares(windows, signal)).toEqual({ ok: true, value: [] });
      expect(await other.labels(wholeOf(windows), signal)).toEqual({ ok: true, value: [] });
      await other.close();
    });

    it.each(Object.keys(make.failing))("says so of what is %s", async (fault) => {
      const broken = await make.failing[fault]?.();
      const answer = await broken?.distributions(windows, signal);
      expect(answer).toMatchObject({ ok: false, error: expect.stringContaining(source.name) });
      expect(await broken?.labels(wholeOf(windows), signal)).toMatchObject({ ok: false });
      expect(await broken?.since(signal)).toMatchObject({ ok: false });
      await broken?.close();
    });

    it("stops when it is told to, though nothing answers", async () => {
      const hanging = await make.waiting();
      const stop = new AbortController();
      const answers = Promise.all([
        hanging.distributions(windows, stop.signal),
        hanging.since(stop.signal),
        hanging.labels(wholeOf(windows), stop.signal),
      ]);
      stop.abort();
      for (const answer of await answers)
        expect(answer).toMatchObject({ ok: false, error: expect.stringContaining("stopped") });
      await hanging.close();
    });
  });
}

const everyShare = ["finish_reason", "refusal", "fallback", "error"] as const;
const everyDistribution = [
  "first_token",
  "latency",
  "input_tokens",
  "output_tokens",
  "cost",
  "confidence",
] as const;
const everyFact = ["model", "region", "tenant", "prompt_length"] as const;
const everything = [...everyDistribution, ...everyShare, ...everyFact, "accuracy"];

function valueOf<Value>(result: { ok: true; value: Value } | { ok: false; error: string }): Value {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

const wholeOf = (windows: PlantedTraffic["windows"]) => ({
  from: windows[0]?.from ?? 0,
  to: windows.at(-1)?.to ?? 0,
});

const perWindow = (calm: number, usual: number): (number | null)[] =>
  Array.from({ length: 6 }, (_, index) => {
    if (index === missingWindow) return null;
    return index === calmWindow ? calm : usual;
  });

/** Something that equals every number near enough. */
const expectedNear = (count: number | null, tolerance: number): unknown =>
  count === null || tolerance === 0 ? count : new Near(count, tolerance);

class Near {
  readonly count: number;
  readonly slack: number;
  constructor(count: number, tolerance: number) {
    this.count = count;
    this.slack = Math.max(2, count * tolerance);
  }
  asymmetricMatch(other: unknown): boolean {
    return typeof other === "number" && Math.abs(other - this.count) <= this.slack;
  }
  toString(): string {
    return `Near(${this.count} ± ${this.slack})`;
  }
}

function theSeries<Series extends { key: DistributionSeries["key"]; signal: string }>(
  found: readonly Series[],
  signal: Series["signal"],
  { backend, tenant }: { backend: string; tenant: string | null },
): Series {
  const mine = found.filter(
    ({ key, signal: each }) => each === signal && key.backend === backend && key.tenant === tenant,
  );
  expect(mine).toHaveLength(1);
  return mine[0] as Series;
}

const total = ({ counts }: Histogram): number => counts.reduce((sum, each) => sum + each, 0);

const countsOf = ({ windows }: DistributionSeries): (number | null)[] =>
  windows.map((histogram) => (histogram === null ? null : total(histogram)));

/** What lies in buckets that are wholly between the two. */
function within(histogram: Histogram | null | undefined, low: number, high: number): number {
  const { bounds = [], counts = [] } = histogram ?? {};
  return counts.reduce((sum, count, index) => {
    const from = bounds[index - 1] ?? 0;
    const to = bounds[index] ?? Infinity;
    return from >= low && to <= high ? sum + count : sum;
  }, 0);
}

function assertSound(histogram: Histogram | null): void {
  if (histogram === null) return;
  const { bounds, counts, sum } = histogram;
  expect(counts).toHaveLength(bounds.length + 1);
  expect(bounds).toEqual([...new Set(bounds)].toSorted((left, right) => left - right));
  expect(bounds.every((bound) => bound > 0 && Number.isFinite(bound))).toBe(true);
  expect(counts.every((count) => count >= 0)).toBe(true);
  expect(sum).toBeGreaterThan(0);
}
