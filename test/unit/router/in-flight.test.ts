import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { watchClient } from "../../../src/router/arrival.ts";
import { ClientGone } from "../../../src/router/client-gone.ts";
import { InFlight } from "../../../src/router/in-flight.ts";

/** A request under way, which the test ends. */
function request(inFlight: InFlight): { end: () => void; destroy: ReturnType<typeof vi.fn> } {
  const destroy = vi.fn(() => end());
  const leave = inFlight.enter({ destroy } as unknown as ServerResponse);
  // Serving a request comes to its end a moment later.
  const end = () => void Promise.resolve().then(leave);
  return { end, destroy };
}

describe("the requests under way", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("are counted from their beginning to their end", async () => {
    const inFlight = new InFlight();
    const [first, second] = [request(inFlight), request(inFlight)];
    expect(inFlight.count).toBe(2);
    first.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(inFlight.count).toBe(1);
    second.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(inFlight.count).toBe(0);
  });

  it("are known one by one, in whatever order they end", async () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6]);
    await fc.assert(
      fc.asyncProperty(order, async (ended) => {
        const inFlight = new InFlight();
        const all = Array.from({ length: 7 }, () => request(inFlight));
        for (const index of ended) all[index]?.end();
        await vi.advanceTimersByTimeAsync(0);
        expect(inFlight.count).toBe(7 - ended.length);
        const drained = inFlight.drain(10);
        await vi.advanceTimersByTimeAsync(10);
        expect(await drained).toBe(7 - ended.length);
        const cutOff = all.flatMap(({ destroy }, index) =>
          destroy.mock.calls.length > 0 ? index : [],
        );
        expect(cutOff).toEqual([0, 1, 2, 3, 4, 5, 6].filter((index) => !ended.includes(index)));
      }),
    );
  });

  it("are none to wait for when there are none", async () => {
    const inFlight = new InFlight();
    expect(await inFlight.drain(1_000)).toBe(0);
    expect(inFlight.draining).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("may end by themselves while the router drains", async () => {
    const inFlight = new InFlight();
    const [first, second] = [request(inFlight), request(inFlight)];
    const drained = inFlight.drain(1_000);
    first.end();
    await vi.advanceTimersByTimeAsync(999);
    second.end();
    expect(await drained).toBe(0);
    expect(first.destroy).not.toHaveBeenCalled();
    expect(second.destroy).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are cut off when the time is up, and counted", async () => {
    const inFlight = new InFlight();
    const [quick, slow] = [request(inFlight), request(inFlight)];
    const drained = inFlight.drain(1_000);
    quick.end();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await drained).toBe(1);
    expect(slow.destroy).toHaveBeenCalledOnce();
    expect(inFlight.count).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("do not keep a router from ending although one never does", async () => {
    const inFlight = new InFlight();
    const { destroy } = request(inFlight);
    destroy.mockImplementation(() => undefined);
    const drained = inFlight.drain(1_000);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await drained).toBe(1);
  });
});

describe("the signal of a client's leaving", () => {
  function watched(changes: object = {}) {
    const response = Object.assign(
      new EventEmitter(),
      { writableFinished: false, destroyed: false },
      changes,
    );
    const socket = Object.assign(new EventEmitter(), { destroyed: false });
    const signal = () =>
      watchClient(response as unknown as ServerResponse, socket as unknown as Socket);
    const listeners = () => response.listenerCount("close") + socket.listenerCount("close");
    return { response, socket, signal, listeners };
  }

  it.each(["response", "socket"] as const)("comes when the %s closes before the end", (which) => {
    const each = watched();
    const signal = each.signal();
    expect(signal.aborted).toBe(false);
    each[which].emit("close");
    expect(signal.reason).toBeInstanceOf(ClientGone);
    expect(each.listeners()).toBe(0);
  });

  it("does not come after the end, and leaves no listener on a connection that lives on", () => {
    const each = watched({ writableFinished: true });
    const signal = each.signal();
    each.response.emit("close");
    expect(signal.aborted).toBe(false);
    expect(each.listeners()).toBe(0);
  });

  it("comes at once where the client has left already", () => {
    const each = watched({ destroyed: true });
    expect(each.signal().aborted).toBe(true);
    expect(each.listeners()).toBe(0);
  });
});
