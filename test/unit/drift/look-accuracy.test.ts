import { describe, expect, it } from "vitest";
import { normal } from "../../../scripts/drift/draw.ts";
import { day, daysFrom, key } from "../../../scripts/drift/world.ts";
import type { AccuracyLabel, Histogram } from "../../../src/drift/index.ts";
import { seededRandom } from "../../../src/lib/index.ts";
import { labelsOf, lookAt, lookAtOne, newestDay, windows } from "./look-world.ts";

const fell = newestDay - 9 * day;
const fallen = (window: number) => ((windows[window]?.from ?? 0) >= fell ? 0.8 : 0.9);
const steady = () => 0.9;

describe("a look at accuracy", () => {
  it("finds labels that have fallen by ten points, and about when", () => {
    const finding = lookAtOne({ labels: labelsOf(150, fallen, seededRandom(1)) });
    expect(finding).toMatchObject({
      signal: "accuracy",
      state: "drifted",
      source: "feedback",
      estimated: false,
      direction: "down",
      statistic: "evidence",
      threshold: 1_000,
    });
    expect(finding.score).toBeGreaterThan(1_000);
    expect(Math.abs((finding.changedAt ?? 0) - fell)).toBeLessThan(2 * day);
    expect(finding.sentence).toMatch(/clients' feedback it has fallen \(90 % → (79|8\d) % of/);
  });

  it("leaves steady labels alone, and those that became better", () => {
    expect(lookAtOne({ labels: labelsOf(150, steady, seededRandom(2)) }).state).toBe("ok");
    const better = (window: number) => (window > 20 ? 0.97 : 0.9);
    expect(lookAtOne({ labels: labelsOf(150, better, seededRandom(3)) }).state).toBe("ok");
  });

  it("does not take days that differ for a fall, however many labels make chance small", () => {
    const random = seededRandom(10);
    const states = Array.from({ length: 20 }, () => {
      const days = windows.map(() => 0.9 + 0.02 * normal(random));
      return lookAtOne({ labels: labelsOf(600, (window) => days[window] ?? 0.9, random) }).state;
    });
    expect(states.filter((state) => state === "drifted")).toHaveLength(0);
  });

  it("takes the golden set's word before clients', and clients' before a judge's", () => {
    const random = seededRandom(4);
    const golden = labelsOf(60, steady, random, { source: "golden" }).map((label, index) => ({
      ...label,
      promptId: `golden:exam/${index % 60}`,
    }));
    const feedback = labelsOf(150, fallen, random);
    const shadow = labelsOf(150, fallen, random, { source: "shadow" });
    const sourceOf = (labels: readonly AccuracyLabel[]) => lookAtOne({ labels }).source;
    expect(lookAtOne({ labels: [...shadow, ...feedback, ...golden] })).toMatchObject({
      source: "golden",
      state: "ok",
    });
    expect(sourceOf([...shadow, ...feedback])).toBe("feedback");
    expect(sourceOf(shadow)).toBe("shadow");
    // Of a source that has said little, nothing is believed.
    expect(sourceOf([...golden.slice(-50), ...feedback])).toBe("feedback");
  });

  it("sees in prompts that are asked again what it could not in as many different ones", () => {
    const random = seededRandom(5);
    // 40 prompts a day, of which the same few fail, and two more since.
    const golden = windows.flatMap(({ from }, window) =>
      Array.from({ length: 40 }, (_, prompt): AccuracyLabel => {
        const isLost = (windows[window]?.from ?? 0) >= fell && prompt >= 36;
        return {
          key,
          ts: from + prompt,
          score: prompt < 6 || isLost ? 0 : 1,
          source: "golden",
          promptId: `golden:exam/${prompt}`,
          baselineScore: null,
        };
      }),
    );
    expect(lookAtOne({ labels: golden })).toMatchObject({ state: "drifted", source: "golden" });
    const asMany = labelsOf(40, (window) => (fallen(window) === 0.9 ? 0.85 : 0.75), random);
    expect(lookAtOne({ labels: asMany }).state).toBe("ok");
  });

  it("holds a backend to the floor where the baseline answered the same prompts, without a past", () => {
    const random = seededRandom(6);
    const now = labelsOf(120, () => 0.7, random, { source: "golden" })
      .filter(({ ts }) => ts >= newestDay - 8 * day)
      .map((label) => ({ ...label, baselineScore: random() < 0.95 ? 1 : 0 }));
    const bounds = { distancePercent: 8, p50Percent: 8, p95Percent: 15, floorPercent: 90 };
    expect(lookAtOne({ labels: now, bounds: new Map([[key.route, bounds]]) }).state).toBe(
      "drifted",
    );
    expect(lookAtOne({ labels: now }).state).toBe("insufficient");
  });

  it("says that it is well again once labels say so", () => {
    const recovered = (window: number) => (window >= 20 && window < 28 ? 0.6 : 0.93);
    expect(lookAtOne({ labels: labelsOf(200, recovered, seededRandom(7)) }).state).toBe("ok");
  });

  it("does not mind in which order labels come", () => {
    const labels = labelsOf(100, fallen, seededRandom(8));
    expect(lookAtOne({ labels: labels.toReversed() })).toEqual(lookAtOne({ labels }));
  });

  it("without labels estimates by the classifier's confidence, and says that nobody judged", () => {
    const confidence = (mean: number): Histogram => ({
      bounds: [0.5, 0.7, 0.8, 0.9, 1],
      counts: [50, 100, 150, 400, 300, 0],
      sum: 1_000 * mean,
    });
    const at = (mean: (window: number) => number) =>
      lookAtOne({
        distributions: [
          {
            key,
            signal: "confidence",
            windows: windows.map((_, window) => confidence(mean(window))),
          },
        ],
      });
    expect(at((window) => (window < 28 ? 0.85 : 0.75))).toMatchObject({
      signal: "accuracy",
      state: "drifted",
      source: "confidence",
      estimated: true,
    });
    expect(at((window) => (window < 28 ? 0.85 : 0.75)).sentence).toContain(
      "This is an estimate: nobody has judged the answers.",
    );
  });

  it("judges the labels of all tenants together, and a large one's for themselves too", () => {
    const random = seededRandom(11);
    const tenants = ["acme", "small", ...Array.from({ length: 20 }, (_, index) => `t${index}`)];
    const shareOf: Record<string, number> = { acme: 20, small: 2 };
    const labels = tenants.flatMap((tenant) =>
      labelsOf(shareOf[tenant] ?? 5, fallen, random, { key: { ...key, tenant } }),
    );
    const findings = lookAt({ labels });
    expect(findings).toHaveLength(2);
    expect(new Set(findings.map(({ key: own }) => own.tenant))).toEqual(new Set(["acme", null]));
    expect(findings.find(({ key: own }) => own.tenant === null)).toMatchObject({
      state: "drifted",
      source: "feedback",
    });
  });

  it("goes further back for labels that come seldom, and for no others", () => {
    const longer = daysFrom(20_000 - 28, 28 + windows.length);
    const early = longer.slice(0, 28).map(({ from }) => from - (windows[0]?.from ?? 0));
    const random = seededRandom(12);
    const seldom = labelsOf(12, (window) => (window < 10 ? 0.95 : 0.6), random);
    const before = early.flatMap((shift) =>
      labelsOf(12, () => 0.95, random)
        .slice(0, 12)
        .map((label) => ({ ...label, ts: label.ts + shift })),
    );
    const labels = [...before, ...seldom];
    expect(lookAtOne({ labels }).state).toBe("insufficient");
    const found = lookAtOne({ labels, labelWindows: longer });
    expect(found).toMatchObject({ state: "drifted", source: "feedback" });
    const often = labelsOf(150, fallen, random);
    expect(lookAtOne({ labels: [...before, ...often], labelWindows: longer })).toEqual(
      lookAtOne({ labels: often }),
    );
  });

  it("says how many labels it takes where there are few", () => {
    const finding = lookAtOne({ labels: labelsOf(2, steady, seededRandom(9)) });
    expect(finding.state).toBe("insufficient");
    expect(finding.sentence).toMatch(/it takes 200 labels of one source .* there are 62 in all/);
  });
});
