import { describe, expect, it } from "vitest";
import { drawHistogram, classicBounds } from "../../../scripts/drift/draw.ts";
import { drawSeries, key, usualWorld } from "../../../scripts/drift/world.ts";
import type { MixFact, MixSeries } from "../../../src/drift/index.ts";
import { seededRandom } from "../../../src/lib/index.ts";
import { latencyOf, lookAt, lookAtOne, windows } from "./look-world.ts";

const mixOf = (
  fact: MixFact,
  shareOf: (window: number) => number,
  means: readonly [number, number] | null,
  names: readonly [string, string],
): MixSeries => ({
  key,
  fact,
  windows: windows.map((_, window) => {
    const cell = (count: number, mean: number | undefined) => ({
      count,
      means: mean === undefined ? {} : { latency: mean },
    });
    return {
      [names[0]]: cell(1_000 * (1 - shareOf(window)), means?.[0]),
      [names[1]]: cell(1_000 * shareOf(window), means?.[1]),
    };
  }),
});

const moved = (window: number) => (window >= 28 ? 0.6 : 0.05);

describe("the guess at a cause", () => {
  const random = seededRandom(1);
  // Far requests take 2 s, near ones 1 s, then as ever: only their shares change.
  const regional = latencyOf(
    windows.map((_, window) => {
      const far = Math.round(1_000 * moved(window));
      const draw = (median: number, n: number) =>
        drawHistogram({ median, sigma: 0.4, slowShare: 0 }, n, classicBounds, random);
      const [near, away] = [draw(1, 1_000 - far), draw(2, far)];
      const counts = near.counts.map((count, index) => count + (away.counts[index] ?? 0));
      return { bounds: classicBounds, counts, sum: near.sum + away.sum };
    }),
  );
  const regions = mixOf("region", moved, [1.08, 2.16], ["us-east-1", "eu-west-1"]);

  it("is the fact whose mix, held as it was, takes the change away, with its share", () => {
    const lengths = mixOf(
      "prompt_length",
      (window) => (window >= 28 ? 0.3 : 0.1),
      [1.1, 1.15],
      ["short", "long"],
    );
    const finding = lookAtOne({ distributions: [regional], mixes: [lengths, regions] });
    expect(finding.cause).toMatchObject({
      fact: "region",
      from: "us-east-1 (95 % → 40 %)",
      to: "eu-west-1 (5 % → 60 %)",
    });
    expect(finding.cause?.share).toBeGreaterThan(0.9);
    expect(finding.sentence).toContain("100 % of the change is gone where one allows for this");
  });

  it("is none where everything became slower alike", () => {
    const series = drawSeries({ ...usualWorld, factor: 1.5 }, seededRandom(2));
    const finding = lookAtOne({
      distributions: [series],
      mixes: [mixOf("region", () => 0.4, [1, 1.5], ["us-east-1", "eu-west-1"])],
    });
    expect(finding).toMatchObject({ state: "drifted", cause: null });
  });

  it("names a new model that came at the same time, where nobody knows its share", () => {
    const models = mixOf("model", (window) => (window >= 28 ? 1 : 0), null, ["model-3", "model-4"]);
    const series = drawSeries({ ...usualWorld, factor: 1.5 }, seededRandom(3));
    const finding = lookAtOne({ distributions: [series], mixes: [models] });
    expect(finding.cause).toEqual({
      fact: "model",
      from: "model-3 (100 % → 0 %)",
      to: "model-4 (0 % → 100 %)",
      share: null,
    });
    expect(finding.sentence).toContain("At the same time the models that answered changed");
  });

  it("is not sought for what has not drifted", () => {
    const series = drawSeries(usualWorld, seededRandom(4));
    expect(lookAtOne({ distributions: [series], mixes: [regions] }).cause).toBeNull();
  });
});

describe("many series at once", () => {
  it("raise no more false alarms than a tenth of all, and lose none that are plain", () => {
    const random = seededRandom(5);
    const all = Array.from({ length: 400 }, (_, index) => ({
      ...drawSeries({ ...usualWorld, daySd: 0.05, factor: index < 40 ? 1.5 : 1 }, random),
      key: { ...key, backend: `${index < 40 ? "slow" : "fine"}-${index}` },
    }));
    const drifted = lookAt({ distributions: all }).filter(({ state }) => state === "drifted");
    const isTrue = drifted.filter((finding) => finding.key.backend.startsWith("slow"));
    expect(isTrue).toHaveLength(40);
    expect(drifted.length - isTrue.length).toBeLessThanOrEqual(4);
    for (const { pValue, qValue } of drifted) expect(qValue).toBeGreaterThanOrEqual(pValue ?? 1);
  });
});
