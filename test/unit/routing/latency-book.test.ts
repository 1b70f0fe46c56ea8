import { describe, expect, test } from "vitest";

import { LatencyBook } from "../../../src/routing/index.ts";
import { backendEntry, standingClock } from "./sample-entries.ts";

const backend = backendEntry("medium");
const minute = 60_000;

function openBook() {
  const clock = standingClock();
  return { clock, book: new LatencyBook(clock) };
}

function observeOften(
  book: LatencyBook,
  times: number,
  sample: { firstTokenMs?: number; totalMs?: number; outputTokens?: number },
) {
  for (let index = 0; index < times; index += 1)
    book.observe(backend, { route: "chat", ok: true, ...sample });
}

describe("what a latency book believes", () => {
  test("before any traffic it is what the backend declares", () => {
    const { book } = openBook();
    expect(book.firstTokenMs(backend, 0.95)).toBe(800);
    expect(book.firstTokenMs(backend, 0.5)).toBe(400);
    expect(book.tokensPerSecond(backend)).toBe(100);
    expect(book.outputTokens("chat")).toBe(512);
    expect(book.failureShare("medium")).toBe(0);
    expect(book.cacheReadShare("medium")).toBe(0);
  });

  test("it moves from the declared towards the seen as samples come in", () => {
    const { book } = openBook();
    const beliefs = [1, 10, 100, 1_000].map((times) => {
      observeOften(book, times, { firstTokenMs: 8_000 });
      return book.firstTokenMs(backend, 0.95);
    });
    expect(beliefs).toEqual(beliefs.toSorted((left, right) => left - right));
    expect(beliefs[0]).toBeLessThan(1_000);
    expect(beliefs[3]).toBeGreaterThan(7_000);
  });

  test("it returns to the declared when nothing is seen any more", () => {
    const { book, clock } = openBook();
    observeOften(book, 500, { firstTokenMs: 8_000 });
    clock.advance(5 * minute);
    expect(book.firstTokenMs(backend, 0.95)).toBeGreaterThan(6_000);
    clock.advance(120 * minute);
    expect(book.firstTokenMs(backend, 0.95)).toBeCloseTo(800, -1);
  });

  test("a slow hour is forgotten once fast answers come", () => {
    const { book, clock } = openBook();
    observeOften(book, 500, { firstTokenMs: 8_000 });
    clock.advance(30 * minute);
    observeOften(book, 500, { firstTokenMs: 200 });
    expect(book.firstTokenMs(backend, 0.95)).toBeLessThan(300);
  });

  test("backends do not share their pages, nor routes theirs", () => {
    const { book } = openBook();
    observeOften(book, 500, { firstTokenMs: 8_000, totalMs: 9_000, outputTokens: 2_000 });
    expect(book.firstTokenMs(backendEntry("other"), 0.95)).toBe(800);
    expect(book.outputTokens("other")).toBe(512);
    expect(book.outputTokens("chat")).toBeGreaterThan(1_800);
  });

  test("speed is measured after the first token", () => {
    const { book } = openBook();
    observeOften(book, 2_000, { firstTokenMs: 1_000, totalMs: 3_000, outputTokens: 40 });
    expect(book.tokensPerSecond(backend)).toBeGreaterThan(19);
    expect(book.tokensPerSecond(backend)).toBeLessThan(22);
  });

  test("of a whole answer the wait is taken as the usual one", () => {
    const { book } = openBook();
    observeOften(book, 2_000, { totalMs: 2_400, outputTokens: 40 });
    expect(book.tokensPerSecond(backend)).toBeGreaterThan(19);
    expect(book.tokensPerSecond(backend)).toBeLessThan(22);
  });

  test("a word or two says nothing of speed", () => {
    const { book } = openBook();
    observeOften(book, 500, { firstTokenMs: 100, totalMs: 10_000, outputTokens: 2 });
    expect(book.tokensPerSecond(backend)).toBe(100);
  });

  test("a failure says nothing of speed and length", () => {
    const { book } = openBook();
    for (let index = 0; index < 500; index += 1) {
      book.observe(backend, { route: "chat", ok: false, totalMs: 10, outputTokens: 5_000 });
    }
    expect(book.tokensPerSecond(backend)).toBe(100);
    expect(book.outputTokens("chat")).toBe(512);
  });

  test("an answer that took no time is not taken for infinitely fast", () => {
    const { book } = openBook();
    observeOften(book, 500, { firstTokenMs: 5, totalMs: 5, outputTokens: 40 });
    expect(book.tokensPerSecond(backend)).toBe(100);
  });

  test("failures count while they are recent", () => {
    const { book, clock } = openBook();
    book.observe(backend, { route: "chat", ok: false });
    expect(book.failureShare("medium")).toBeCloseTo(0.2);
    for (let index = 0; index < 36; index += 1) book.observe(backend, { route: "chat", ok: false });
    expect(book.failureShare("medium")).toBeGreaterThan(0.9);
    clock.advance(10 * minute);
    expect(book.failureShare("medium")).toBeLessThan(0.01);
  });

  test("the share of cached input is that of tokens", () => {
    const { book } = openBook();
    for (let index = 0; index < 100; index += 1) {
      book.observe(backend, {
        route: "chat",
        ok: true,
        inputTokens: 10_000,
        cacheReadTokens: 8_000,
      });
    }
    expect(book.cacheReadShare("medium")).toBeGreaterThan(0.75);
    expect(book.cacheReadShare("medium")).toBeLessThanOrEqual(0.8);
  });

  test("what a table no longer holds is forgotten, and the rest kept", () => {
    const { book } = openBook();
    const gone = backendEntry("gone");
    for (const each of [backend, gone])
      book.observe(each, { route: each.name, ok: false, firstTokenMs: 9_000 });
    book.observe(backend, { route: "gone", ok: true, outputTokens: 100_000 });
    book.retain({ backends: { medium: backend }, routes: {} });
    expect(book.failureShare("gone")).toBe(0);
    expect(book.firstTokenMs(gone, 0.95)).toBe(800);
    expect(book.failureShare("medium")).toBeGreaterThan(0);
    expect(book.outputTokens("gone")).toBe(512);
  });

  test("nothing declared is no reason to divide by nothing", () => {
    const { book } = openBook();
    const silent = backendEntry("silent", {
      expectations: { firstTokenP95Ms: 0, tokensPerSecond: 0 },
    });
    book.observe(silent, {
      route: "chat",
      ok: true,
      firstTokenMs: 100,
      totalMs: 600,
      outputTokens: 50,
    });
    expect(book.firstTokenMs(silent, 0.95)).toBeGreaterThan(0);
    expect(Number.isFinite(book.tokensPerSecond(silent))).toBe(true);
    expect(book.tokensPerSecond(silent)).toBeGreaterThan(0);
  });
});
