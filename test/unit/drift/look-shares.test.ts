import { describe, expect, it } from "vitest";
import { drawHits, normal } from "../../../scripts/drift/draw.ts";
import { day } from "../../../scripts/drift/world.ts";
import { seededRandom, type Random } from "../../../src/lib/index.ts";
import { lookAtOne, newestDay, sharesOf, windows } from "./look-world.ts";

/** Errors of a day: a share that differs from day to day by more than chance. */
const errorsOf = (n: number, share: number, daySd: number, random: Random) => {
  const ofDay = share * Math.exp(daySd * normal(random));
  const failed = drawHits(n, Math.min(1, ofDay), random);
  return { none: n - failed, throttled: failed };
};

const month = (n: number, shareOf: (window: number) => number, daySd: number, random: Random) =>
  windows.map((_, window) => errorsOf(n, shareOf(window), daySd, random));

describe("a look at shares", () => {
  it("finds errors that have trebled, names them, and says since when", () => {
    const counts = month(1_000, (window) => (window >= 28 ? 0.06 : 0.02), 0.2, seededRandom(1));
    const finding = lookAtOne({ shares: [sharesOf("error", counts)] });
    expect(finding).toMatchObject({
      state: "drifted",
      statistic: "share",
      category: "throttled",
      direction: "up",
      changedAt: newestDay - 2 * day,
    });
    expect(finding.sentence).toMatch(/^The share of errors .* throttled is up by \d/);
  });

  it("does not take days that differ for drift, however many requests make chance small", () => {
    const random = seededRandom(2);
    const states = Array.from({ length: 100 }, () => {
      const counts = month(20_000, () => 0.1, 0.15, random);
      return lookAtOne({ shares: [sharesOf("fallback", counts)] }).state;
    });
    expect(states.filter((state) => state === "drifted")).toHaveLength(0);
  });

  it("lets rare errors come in threes", () => {
    const random = seededRandom(3);
    const states = Array.from({ length: 200 }, () => {
      const counts = month(250, () => 0.002, 0.5, random);
      return lookAtOne({ shares: [sharesOf("error", counts)] }).state;
    });
    expect(states.filter((state) => state === "drifted").length).toBeLessThanOrEqual(1);
  });

  it("sees a finish reason that was never there before", () => {
    const counts = windows.map((_, window) =>
      window >= 29 ? { stop: 900, length: 100 } : { stop: 1_000 },
    );
    expect(lookAtOne({ shares: [sharesOf("finish_reason", counts)] })).toMatchObject({
      state: "drifted",
      category: "length",
      direction: "up",
    });
  });

  it("keeps its head among thousands of categories", () => {
    const counts = windows.map((_, window) =>
      Object.fromEntries(
        Array.from({ length: 3_000 }, (__, index) => [`reason-${window}-${index}`, 1]),
      ),
    );
    expect(lookAtOne({ shares: [sharesOf("finish_reason", counts)] }).state).toBe("ok");
  });
});
