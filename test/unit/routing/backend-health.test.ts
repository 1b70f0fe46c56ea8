import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BackendHealth,
  isSlowAnswer,
  isSlowStart,
  type HealthTicket,
} from "../../../src/routing/index.ts";
import { backendEntry, eject, standingClock, watchful } from "./sample-entries.ts";

const entries = ["a", "b", "c"].map((name) => backendEntry(name, { outlier: watchful }));
const [a, b, c] = entries as [(typeof entries)[0], (typeof entries)[0], (typeof entries)[0]];

function openHealth() {
  const clock = standingClock();
  return { clock, health: new BackendHealth(clock, () => 0) };
}

describe("the last resort", () => {
  test("is each of the ejected in turn", () => {
    const { clock, health } = openHealth();
    for (const backend of entries) {
      eject(backend, health);
      clock.advance(10);
    }
    const called = Array.from({ length: 6 }, () => {
      clock.advance(10);
      const backend = health.lastResort(entries)!;
      health.note(health.begin(backend), { result: "failed" });
      return backend.name;
    });
    expect(called).toEqual(["a", "b", "c", "a", "b", "c"]);
  });

  test("is rather one that is slow, and best of all one that has shown signs of life", () => {
    const { clock, health } = openHealth();
    eject(a, health);
    clock.advance(10);
    for (let index = 0; index < 10; index += 1)
      health.note(health.begin(b), { result: "ok", slow: true });
    clock.advance(10);
    eject(c, health);
    expect(health.lastResort(entries)).toBe(b);
    health.note(health.begin(c), { result: "ok" });
    expect(health.lastResort(entries)).toBe(c);
    expect(health.lastResort([])).toBeUndefined();
  });
});

describe("whatever happens to a backend", () => {
  const step = fc.oneof(
    fc.record({ act: fc.constant("begin" as const) }),
    fc.record({
      act: fc.constant("note" as const),
      which: fc.nat(30),
      result: fc.constantFrom<"answered" | "ok" | "failed" | "none">(
        "answered",
        "ok",
        "failed",
        "none",
      ),
      slow: fc.option(fc.boolean(), { nil: undefined }),
      retryAfterMs: fc.option(fc.integer({ min: 0, max: 400_000 }), { nil: undefined }),
    }),
    fc.record({ act: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
  );

  test("a half-open circuit lets exactly one probe through at a time, and nothing is ejected for good", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { clock, health } = openHealth();
        const underWay: { ticket: HealthTicket; endsBy: number }[] = [];
        const act = {
          begin: () => {
            const state = health.describe("a").state;
            const admitted = health.admits(a);
            const ticket = health.begin(a);
            const probing = underWay.some(
              (other) =>
                other.ticket.probe &&
                other.ticket.epoch === ticket.epoch &&
                other.endsBy > clock.elapsed(),
            );
            expect(ticket.lastResort).toBe(!admitted);
            expect(ticket.probe).toBe(state === "half_open" && !probing);
            underWay.push({ ticket, endsBy: clock.elapsed() + a.timeouts.totalMs });
          },
          note: (each: { which: number } & Parameters<BackendHealth["note"]>[1]) => {
            const [ended] = underWay.splice(each.which % Math.max(1, underWay.length), 1);
            if (ended !== undefined) health.note(ended.ticket, each);
          },
        };
        for (const each of steps) {
          if (each.act === "wait") clock.advance(each.ms);
          else if (each.act === "begin") act.begin();
          else act.note(each);
          const facts = health.describe("a");
          expect((facts.until ?? 0) - clock.elapsed()).toBeLessThanOrEqual(300_000);
          expect(facts.reason === null).toBe(facts.state === "closed");
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("slow", () => {
  test.each<[number, { firstTokenP95Ms?: number }, boolean]>([
    [1_600, {}, false],
    [1_601, {}, true],
    [1_601, { firstTokenP95Ms: 200 }, true],
    [1_599, { firstTokenP95Ms: 200 }, false],
    [2_500, { firstTokenP95Ms: 3_000 }, false],
    [3_001, { firstTokenP95Ms: 3_000 }, true],
  ])("is a first token after %i ms with the envelope %o: %s", (waitedMs, envelope, slow) => {
    expect(isSlowStart(a, envelope, waitedMs)).toBe(slow);
  });

  test.each<[number, number, { totalP95Ms?: number }, boolean]>([
    [3_600, 100, {}, false],
    [3_601, 100, {}, true],
    [3_601, 200, {}, false],
    [1_601, 0, {}, true],
    [9_000, 100, { totalP95Ms: 10_000 }, false],
  ])(
    "is an answer of %i ms with %i tokens and the envelope %o: %s",
    (totalMs, outputTokens, envelope, slow) => {
      expect(isSlowAnswer(a, envelope, { totalMs, outputTokens })).toBe(slow);
    },
  );
});
