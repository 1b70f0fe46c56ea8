import { describe, expect, test } from "vitest";
import { BackendHealth, type HealthChange, type HealthTicket } from "../../../src/routing/index.ts";
import type { BackendEntry } from "../../../src/table/index.ts";
import { backendEntry, standingClock, watchful } from "./sample-entries.ts";

const seconds = 1_000;

/** The health of one backend, driven attempt by attempt. */
function open(outlier: Partial<NonNullable<BackendEntry["outlier"]>> = {}, random = 0) {
  const clock = standingClock();
  const changes: HealthChange["ejectedFor"][] = [];
  const health = new BackendHealth(
    clock,
    () => random,
    (change) => changes.push(change.ejectedFor),
  );
  const backend = backendEntry("a", { outlier: { ...watchful, ...outlier } });
  const begin = () => health.begin(backend);
  const end = (
    result: "ok" | "failed" | "none",
    {
      slow,
      inShareOnly,
      retryAfterMs,
      ticket = begin(),
    }: {
      slow?: boolean;
      inShareOnly?: boolean;
      retryAfterMs?: number;
      ticket?: HealthTicket;
    } = {},
  ) => health.note(ticket, { result, slow, inShareOnly, retryAfterMs });
  const many = (
    times: number,
    result: "ok" | "failed" | "none",
    more: { slow?: boolean; inShareOnly?: boolean } = {},
  ) => {
    for (let index = 0; index < times; index += 1) end(result, more);
  };
  const state = () => health.describe("a").state;
  const admits = () => health.admits(backend);
  return { clock, changes, health, backend, begin, end, many, state, admits };
}

/** Goes well as often as it takes to be trusted again. */
function recover({ end }: ReturnType<typeof open>): void {
  for (let index = 0; index < 3; index += 1) end("ok");
}

describe("a backend is ejected", () => {
  test("by failures in a row, and by nothing less", () => {
    const { many, admits, changes, end } = open();
    many(4, "failed");
    end("ok");
    many(4, "failed");
    expect(admits()).toBe(true);
    end("failed");
    expect(admits()).toBe(false);
    expect(changes).toEqual(["consecutive_failures"]);
  });

  test("by the share of failures, once there are ten attempts", () => {
    const { end, admits, changes } = open({ consecutiveFailures: 100 });
    for (let index = 0; index < 9; index += 1) end(index % 2 === 0 ? "failed" : "ok");
    expect(admits()).toBe(true);
    end("ok");
    end("failed");
    expect(admits()).toBe(false);
    expect(changes).toEqual(["error_share"]);
  });

  test("by no row of failures that a request can bring about, which neither lengthen nor end one", () => {
    const { many, end, health, changes } = open({ errorPercent: 100 });
    end("ok");
    many(9, "failed", { inShareOnly: true });
    expect(health.describe("a")).toMatchObject({ state: "closed", failuresInRow: 0 });
    expect(health.describe("a").errorShare).toBeCloseTo(0.9);
    many(4, "failed");
    many(20, "failed", { inShareOnly: true });
    expect(health.describe("a")).toMatchObject({ state: "closed", failuresInRow: 4 });
    end("failed");
    expect(changes).toEqual(["consecutive_failures"]);
  });

  test("by a share of failures that a request can bring about", () => {
    const { many, changes } = open();
    many(9, "failed", { inShareOnly: true });
    expect(changes).toEqual([]);
    many(1, "failed", { inShareOnly: true });
    expect(changes).toEqual(["error_share"]);
  });

  test("not by failures that are long past", () => {
    const { many, clock, admits } = open({ consecutiveFailures: 100 });
    many(9, "failed");
    clock.advance(120 * seconds);
    many(20, "ok");
    many(4, "failed");
    expect(admits()).toBe(true);
  });

  test("by the share of slow answers, although all went well", () => {
    const { many, admits, changes } = open();
    many(10, "ok", { slow: false });
    many(9, "ok", { slow: true });
    expect(admits()).toBe(true);
    many(1, "ok", { slow: true });
    expect(admits()).toBe(false);
    expect(changes).toEqual(["slow_share"]);
  });

  test("by a single rate limit that says when to come back, for that long", () => {
    const { end, admits, clock, changes, state } = open();
    end("failed", { retryAfterMs: 4 * seconds });
    expect([admits(), changes]).toEqual([false, ["throttled"]]);
    clock.advance(4 * seconds - 1);
    expect(state()).toBe("open");
    clock.advance(1);
    expect(state()).toBe("half_open");
  });

  test("not by a rate limit that asks for no time", () => {
    const { end, state } = open();
    end("failed", { retryAfterMs: 0 });
    expect(state()).toBe("closed");
  });

  test("no longer than ten times ejectFor, whatever a rate limit says", () => {
    const { end, state, clock } = open();
    end("failed", { retryAfterMs: 86_400 * seconds });
    clock.advance(300 * seconds);
    expect(state()).toBe("half_open");
  });

  test("never by attempts that say nothing, nor where its entry does not say when", () => {
    const { many, admits } = open();
    many(100, "none");
    expect(admits()).toBe(true);
    const health = new BackendHealth(standingClock(), () => 0);
    const careless = backendEntry("careless");
    for (let index = 0; index < 100; index += 1)
      health.note(health.begin(careless), { result: "failed", retryAfterMs: 1_000 });
    expect(health.admits(careless)).toBe(true);
  });

  test("by attempts that were cut short while they were slow", () => {
    const { many, admits } = open();
    many(10, "none", { slow: true });
    expect(admits()).toBe(false);
  });
});

describe("an ejected backend", () => {
  test("stays away for ejectFor and a little by chance, then takes one request at a time", () => {
    const { many, clock, admits, state, begin, end } = open({}, 1);
    many(5, "failed");
    clock.advance(37 * seconds);
    expect([state(), admits()]).toEqual(["open", false]);
    clock.advance(1 * seconds);
    expect([state(), admits()]).toEqual(["half_open", true]);
    const probe = begin();
    expect(probe).toMatchObject({ probe: true, lastResort: false });
    expect(admits()).toBe(false);
    expect(begin()).toMatchObject({ probe: false, lastResort: true });
    end("ok", { ticket: probe });
    expect([state(), admits()]).toEqual(["half_open", true]);
  });

  test("is trusted again after three attempts that went well", () => {
    const { many, clock, end, state, changes } = open();
    many(5, "failed");
    clock.advance(30 * seconds);
    many(2, "ok");
    expect(state()).toBe("half_open");
    end("ok");
    expect(state()).toBe("closed");
    expect(changes).toEqual(["consecutive_failures", null]);
    // What was before is forgotten.
    many(4, "failed");
    expect(state()).toBe("closed");
  });

  test("is away twice as long with each probe that fails, up to ten times ejectFor", () => {
    const { many, clock, end, state } = open();
    many(5, "failed");
    for (const expected of [30, 60, 120, 240, 300, 300]) {
      clock.advance(expected * seconds - 1);
      expect(state()).toBe("open");
      clock.advance(1);
      expect(state()).toBe("half_open");
      end("failed");
    }
  });

  test("starts over with ejectFor once it has been well for long", () => {
    const driven = open();
    driven.many(5, "failed");
    driven.clock.advance(30 * seconds);
    driven.end("failed");
    driven.clock.advance(60 * seconds);
    recover(driven);
    driven.clock.advance(119 * seconds);
    driven.many(5, "failed");
    driven.clock.advance(119 * seconds);
    expect(driven.state()).toBe("open");
    driven.clock.advance(1 * seconds);
    recover(driven);
    driven.clock.advance(240 * seconds);
    driven.many(5, "failed");
    driven.clock.advance(30 * seconds);
    expect(driven.state()).toBe("half_open");
  });

  test("is proved well by the first content of a stream, long before its end", () => {
    const { many, clock, begin, health, state } = open();
    many(5, "failed");
    clock.advance(30 * seconds);
    const streams = [1, 2, 3].map(() => {
      const ticket = begin();
      health.note(ticket, { result: "answered", slow: false });
      return ticket;
    });
    expect(streams.map(({ lastResort }) => lastResort)).toEqual([false, false, false]);
    expect(state()).toBe("closed");
    // Their ends are news like any other.
    for (const ticket of streams) health.note(ticket, { result: "failed" });
    expect(health.describe("a").failuresInRow).toBe(3);
  });

  test("is not proved well twice by one stream", () => {
    const { many, clock, begin, health, state } = open();
    many(5, "failed");
    clock.advance(30 * seconds);
    for (let index = 0; index < 2; index += 1) {
      const ticket = begin();
      health.note(ticket, { result: "answered", slow: false });
      health.note(ticket, { result: "ok" });
    }
    expect(state()).toBe("half_open");
  });

  test("that was slow is away again when its probe is slow, and so is none other", () => {
    const slow = open();
    slow.many(10, "ok", { slow: true });
    slow.clock.advance(30 * seconds);
    slow.end("ok", { slow: true });
    expect(slow.changes).toEqual(["slow_share", "probe_failed"]);
    const failing = open();
    failing.many(5, "failed");
    failing.clock.advance(30 * seconds);
    failing.end("ok", { slow: true });
    expect(failing.state()).toBe("half_open");
  });

  test("is away again by a probe's failure that a request can bring about only where its share ejected it", () => {
    const row = open();
    row.many(5, "failed");
    row.clock.advance(30 * seconds);
    row.end("failed", { inShareOnly: true });
    expect([row.state(), row.admits(), row.changes]).toEqual([
      "half_open",
      true,
      ["consecutive_failures"],
    ]);
    const share = open();
    share.many(10, "failed", { inShareOnly: true });
    share.clock.advance(30 * seconds);
    share.end("failed", { inShareOnly: true });
    expect(share.changes).toEqual(["error_share", "probe_failed"]);
  });

  test("comes back early when it answers a request that had no other", () => {
    const driven = open();
    driven.many(5, "failed");
    driven.end("failed");
    expect(driven.state()).toBe("open");
    recover(driven);
    expect(driven.state()).toBe("closed");
  });

  test("keeps its place for a probe free when the client of one has left, or a probe is never ended", () => {
    const { many, clock, begin, end, admits } = open();
    many(5, "failed");
    clock.advance(30 * seconds);
    end("none");
    expect(admits()).toBe(true);
    begin();
    clock.advance(59_999);
    expect(admits()).toBe(false);
    clock.advance(1);
    expect(admits()).toBe(true);
  });

  test("is not judged by what began before it was ejected", () => {
    const { many, clock, begin, end, state, changes } = open();
    const old = Array.from({ length: 20 }, () => begin());
    many(5, "failed");
    for (const ticket of old.slice(0, 10)) end("failed", { ticket });
    clock.advance(30 * seconds);
    for (const ticket of old.slice(10)) end("failed", { ticket });
    expect(state()).toBe("half_open");
    expect(changes).toEqual(["consecutive_failures"]);
  });

  test("is told apart by why, since when and until when", () => {
    const { many, health, clock } = open();
    many(5, "failed");
    clock.advance(1_000);
    expect(health.describe("a")).toMatchObject({
      state: "open",
      reason: "consecutive_failures",
      since: 1_000,
      until: 31_000,
      failuresInRow: 5,
      errorShare: 1,
      slowShare: 0,
    });
    expect(health.describe("b")).toMatchObject({ state: "closed", since: null, reason: null });
  });

  test.each([
    ["has lost it", {}],
    ["no longer ejects it", { a: backendEntry("a") }],
  ])("is remembered over a new table, unless that %s", (_, backends) => {
    const { many, health, backend, admits, state } = open();
    many(5, "failed");
    health.retain({ backends: { a: backend } });
    expect(admits()).toBe(false);
    health.retain({ backends });
    expect([admits(), state()]).toEqual([true, "closed"]);
  });
});
