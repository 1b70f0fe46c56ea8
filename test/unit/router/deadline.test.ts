import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AttemptScope } from "../../../src/router/attempt-scope.ts";
import { untilAborted, Watchdog } from "../../../src/router/deadline.ts";

const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

type Wait = <T>(promise: Promise<T>, controller: AbortController) => Promise<T>;

describe.each<[string, Wait]>([
  ["a signal aborts", (promise, { signal }) => untilAborted(promise, signal)],
  ["a scope ends", (promise, { signal }) => new AttemptScope(signal).until(promise)],
])("waiting until %s", (what, wait) => {
  /** A scope listens to its client until it is closed. */
  const left = what === "a scope ends" ? 1 : 0;

  it("gives the value and leaves no listener", async () => {
    const controller = new AbortController();
    await expect(wait(Promise.resolve(7), controller)).resolves.toBe(7);
    expect(listeners(controller.signal)).toBe(left);
  });

  it("passes a failure on and leaves no listener", async () => {
    const controller = new AbortController();
    await expect(wait(Promise.reject(new Error("no")), controller)).rejects.toThrow("no");
    expect(listeners(controller.signal)).toBe(left);
  });

  it("ends with the reason although the promise never settles", async () => {
    const controller = new AbortController();
    const waiting = wait(new Promise(() => undefined), controller);
    controller.abort(new Error("too late"));
    await expect(waiting).rejects.toThrow("too late");
    expect(listeners(controller.signal)).toBe(0);
  });

  it("ends at once on a signal that is aborted already", async () => {
    const controller = new AbortController();
    controller.abort(new Error("before"));
    await expect(wait(Promise.resolve(1), controller)).rejects.toThrow("before");
  });

  it.each(["before", "after"])("swallows what the loser throws %s the abort", async (when) => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const controller = new AbortController();
    const { promise, reject } = Promise.withResolvers<never>();
    if (when === "before") controller.abort(new Error("gone"));
    const waiting = wait(promise, controller);
    controller.abort(new Error("gone"));
    reject(new Error("late"));
    await expect(waiting).rejects.toThrow("gone");
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe("timers of an attempt", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const reasonOf = ({ signal }: { signal: AbortSignal }): string | undefined =>
    signal.aborted ? (signal.reason as Error).message : undefined;

  it("abort when they are not fed in time", () => {
    const controller = new AbortController();
    const watchdog = new Watchdog(controller);
    watchdog.arm(100, () => new Error("silent"));
    vi.advanceTimersByTime(99);
    expect(reasonOf(controller)).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(reasonOf(controller)).toBe("silent");
  });

  it("start over when they are fed, with one timer", () => {
    const controller = new AbortController();
    const watchdog = new Watchdog(controller);
    watchdog.arm(100, () => new Error("silent"));
    for (let round = 0; round < 5; round += 1) {
      vi.advanceTimersByTime(99);
      watchdog.feed();
      expect(vi.getTimerCount()).toBe(1);
    }
    expect(reasonOf(controller)).toBeUndefined();
    vi.advanceTimersByTime(100);
    expect(reasonOf(controller)).toBe("silent");
  });

  it("stand still while they are paused", () => {
    const controller = new AbortController();
    const watchdog = new Watchdog(controller);
    watchdog.arm(100, () => new Error("silent"));
    watchdog.pause();
    vi.advanceTimersByTime(10_000);
    expect(reasonOf(controller)).toBeUndefined();
    watchdog.feed();
    vi.advanceTimersByTime(100);
    expect(reasonOf(controller)).toBe("silent");
  });

  it("are not woken by feeding once they are cleared", () => {
    const watchdog = new Watchdog(new AbortController());
    watchdog.arm(100, () => new Error("silent"));
    watchdog.clear();
    watchdog.feed();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("take a bound that has passed for one that passes at once", () => {
    const controller = new AbortController();
    new Watchdog(controller).arm(-5, () => new Error("late"));
    vi.advanceTimersByTime(1);
    expect(reasonOf(controller)).toBe("late");
  });

  it("make no reason before it is needed", () => {
    const reason = vi.fn(() => new Error("silent"));
    const watchdog = new Watchdog(new AbortController());
    watchdog.arm(100, reason);
    watchdog.feed();
    watchdog.clear();
    vi.advanceTimersByTime(1_000);
    expect(reason).not.toHaveBeenCalled();
  });
});

describe("the scope of an attempt", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("leaves no timer and no listener behind, and ends what is under way", () => {
    const gone = new AbortController();
    const scope = new AttemptScope(gone.signal);
    scope.watchdog.arm(100, () => new Error("silent"));
    scope.boundWhole(1_000, () => new Error("long"));
    expect(vi.getTimerCount()).toBe(2);
    scope.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(listeners(gone.signal)).toBe(0);
    expect(scope.signal.aborted).toBe(true);
    scope.close();
  });

  it("waits for one thing after another, and gives up the one that is under way", async () => {
    const scope = new AttemptScope(new AbortController().signal);
    await expect(scope.until(Promise.resolve(1))).resolves.toBe(1);
    const late = Promise.withResolvers<number>();
    // As a transport does whose signal is aborted.
    scope.signal.addEventListener("abort", () => late.reject(new Error("aborted by the signal")));
    const waiting = scope.until(late.promise);
    scope.cancel(new Error("too late"));
    await expect(waiting).rejects.toThrow("too late");
  });

  it("leaves the signal of a call that settled by itself alone, whatever comes later", () => {
    const gone = new AbortController();
    const scope = new AttemptScope(gone.signal);
    scope.watchdog.arm(100, () => new Error("silent"));
    scope.boundWhole(1_000, () => new Error("long"));
    scope.settle();
    expect(vi.getTimerCount()).toBe(0);
    expect(listeners(gone.signal)).toBe(0);
    scope.close();
    gone.abort(new Error("left"));
    expect(scope.signal.aborted).toBe(false);
  });

  it("keeps the first reason for which it was aborted", () => {
    const scope = new AttemptScope(new AbortController().signal);
    scope.watchdog.arm(100, () => new Error("silent"));
    scope.boundWhole(50, () => new Error("long"));
    vi.advanceTimersByTime(200);
    scope.close();
    expect((scope.signal.reason as Error).message).toBe("long");
  });

  it.each(["before", "after"])("is aborted by a client that left %s it was opened", (when) => {
    const gone = new AbortController();
    if (when === "before") gone.abort(new Error("left"));
    const scope = new AttemptScope(gone.signal);
    gone.abort(new Error("left"));
    expect((scope.signal.reason as Error).message).toBe("left");
    scope.close();
  });
});
