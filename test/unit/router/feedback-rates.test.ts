import { expect, it } from "vitest";
import { FeedbackRates } from "../../../src/router/feedback/feedback-rates.ts";

const clockAt = (state: { now: number }) => ({ now: () => state.now, elapsed: () => state.now });

it("takes 600 pieces of feedback of a tenant at once, and then ten a second", () => {
  const time = { now: 1_000_000 };
  const rates = new FeedbackRates(clockAt(time));
  const taken = (tenant: string | null, tries: number) =>
    Array.from({ length: tries }, () => rates.waitMs(tenant)).filter((wait) => wait === 0).length;
  expect(taken("team", 700)).toBe(600);
  expect(rates.waitMs("team")).toBeGreaterThan(0);
  expect(rates.waitMs("team")).toBeLessThanOrEqual(100);
  expect(taken("others", 1)).toBe(1);
  expect(taken(null, 700)).toBe(600);
  time.now += 1_000;
  expect(taken("team", 20)).toBe(10);
});

it("forgets no caller that still has to wait, however many there are", () => {
  const time = { now: 0 };
  const rates = new FeedbackRates(clockAt(time));
  for (let calls = 0; calls < 600; calls += 1) rates.waitMs("team");
  for (let tenant = 0; tenant < 5_000; tenant += 1) {
    time.now += 1;
    rates.waitMs(`tenant-${tenant}`);
  }
  // Fifty have run out meanwhile.
  const taken = Array.from({ length: 600 }, () => rates.waitMs("team")).filter(
    (wait) => wait === 0,
  );
  expect(taken).toHaveLength(50);
});
