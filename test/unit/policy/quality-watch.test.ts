import { describe, expect, it } from "vitest";
import { seededRandom, type Random } from "../../../src/lib/index.ts";
import { QualityWatch } from "../../../src/policy/index.ts";

const floor = 0.95;
const risk = 0.02;

/** How often the route is right where the strongest is, and where it is not. */
interface Quality {
  strongest: number;
  kept: number;
  gained: number;
}

const pairs = ({ strongest, kept, gained }: Quality, random: Random): [number, number] => {
  const right = random() < strongest ? 1 : 0;
  return [random() < (right === 1 ? kept : gained) ? 1 : 0, right];
};

/** The label at which the watch revoked; Infinity where it never did. */
function revokedAt(quality: Quality, labels: number, random: Random): number {
  const watch = new QualityWatch(floor, risk);
  for (let label = 1; label <= labels; label += 1) {
    watch.add(...pairs(quality, random));
    if (watch.isRevoked) return label;
  }
  return Infinity;
}

/** Keeps exactly the floor: the worst world in which a certificate holds. */
const atTheFloor: Quality = { strongest: 0.75, kept: 0.9, gained: 0.15 };
const drifted: Quality = { strongest: 0.75, kept: 0.72, gained: 0.15 };

/** Expected growth of a gambler's logarithm a label, by the stake that suits best. */
function bestGrowth({ strongest, kept, gained }: Quality): number {
  const outcomes = [
    [strongest * kept, 1 - floor],
    [strongest * (1 - kept), -floor],
    [(1 - strongest) * gained, 1],
    [(1 - strongest) * (1 - gained), 0],
  ] as const;
  const growth = (stake: number): number =>
    outcomes.reduce(
      (sum, [share, difference]) => sum + share * Math.log(1 - stake * difference),
      0,
    );
  return Math.max(...[0.02, 0.05, 0.1, 0.2, 0.4, 0.8].map(growth));
}

describe("a watch over a certificate", () => {
  it("revokes one that holds no more often than the risk, though it looks after every label", () => {
    const random = seededRandom(11);
    const worlds = Array.from({ length: 500 }, () => revokedAt(atTheFloor, 1_500, random));
    expect(worlds.filter(Number.isFinite).length / worlds.length).toBeLessThanOrEqual(risk);
  });

  it("revokes one that has drifted as soon as theory says, give or take", () => {
    const random = seededRandom(12);
    const times = Array.from({ length: 200 }, () => revokedAt(drifted, 20_000, random));
    const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
    // A mean of six gamblers needs six times the capital of the one that is right.
    const expected = Math.log(6 / risk) / bestGrowth(drifted);
    expect(mean).toBeLessThan(expected * 1.1);
    expect(Math.max(...times)).toBeLessThan(expected * 4);
  });

  it("still finds a drift that comes after long good service", () => {
    const random = seededRandom(13);
    const fine: Quality = { strongest: 0.75, kept: 0.97, gained: 0.2 };
    const watch = new QualityWatch(floor, risk);
    for (let label = 0; label < 300; label += 1) watch.add(...pairs(fine, random));
    expect(watch.isRevoked).toBe(false);
    for (let label = 0; label < 3_000; label += 1) watch.add(...pairs(drifted, random));
    expect(watch.isRevoked).toBe(true);
  });

  it("does not take a revocation back", () => {
    const watch = new QualityWatch(floor, risk);
    for (let label = 0; label < 100; label += 1) watch.add(0, 1);
    for (let label = 0; label < 1_000; label += 1) watch.add(1, 0);
    expect(watch.isRevoked).toBe(true);
    expect(watch.evidence).toBeLessThan(1);
  });
});
