import { expect, vi } from "vitest";
import type { ProviderError } from "../../../../src/providers/index.ts";
import type { Fault } from "../../../../src/simulators/index.ts";
import { drain, failing, type Harness } from "./harness.ts";

const breaks: readonly (readonly [title: string, fault: Omit<Fault, "model">])[] = [
  ["that is cut off", { kind: "cut" }],
  ["with a wrong checksum", { kind: "bad-crc" }],
  ["with an exception in its midst", { kind: "exception-frame", afterFrames: 6 }],
  ["with an error in its midst", { kind: "error-frame", afterFrames: 6 }],
  ["that ends cleanly, but too soon", { kind: "clean-end", afterFrames: 6 }],
];

const long = "Count from 1 to 100";

class Left extends Error {}

/** How streams break, and how they and whole answers are left. */
export function streams(harness: Harness): void {
  for (const [title, fault] of breaks) {
    harness.test(`gives what came of a stream ${title}, and then fails`, "chat", async () => {
      harness.fault({ afterFrames: 6, ...fault });
      const { frames, failure } = await drain(harness.provider.streamChat(harness.call(long)));
      expect(frames.length).toBeGreaterThan(0);
      expect(frames.every(({ type }) => type === "text")).toBe(true);
      expect(failure).toEqual(failing("stream_broken"));
      expect(failure).toMatchObject({ details: { requestId: harness.lastCall()?.requestId } });
    });
  }

  harness.test("fails for a stream that ends before it has begun", "chat", async () => {
    for (const kind of ["empty", "clean-end"] as const) {
      harness.simulator.faults.clear();
      harness.fault(kind === "empty" ? { kind } : { kind, afterFrames: 0 });
      const { frames, failure } = await drain(harness.provider.streamChat(harness.call(long)));
      expect({ frames, failure }).toEqual({ frames: [], failure: failing("stream_broken") });
    }
  });

  harness.test("gives an exception before the first frame its own meaning", "chat", async () => {
    for (const [exception, code] of harness.subject.exceptions) {
      harness.simulator.faults.clear();
      harness.fault({ kind: "exception-frame", exception });
      const { frames, failure } = await drain(harness.provider.streamChat(harness.call(long)));
      expect({ exception, frames, failure }).toEqual({
        exception,
        frames: [],
        failure: failing(code),
      });
      const { upstreamName } = (failure as ProviderError).details;
      expect(upstreamName?.toLowerCase()).toBe(exception.toLowerCase());
    }
  });

  harness.test("makes no call for a client that has left already", "chat", async () => {
    const before = harness.simulator.calls().length;
    const reason = new Left();
    const call = harness.call("Hello", { signal: AbortSignal.abort(reason) });
    await expect(harness.provider.chat(call)).rejects.toBe(reason);
    await expect(harness.provider.streamChat(call)).rejects.toBe(reason);
    expect(harness.simulator.calls()).toHaveLength(before);
  });

  harness.test("aborts a whole answer upstream with its signal", "chat", async () => {
    harness.fault({ kind: "stall" });
    const before = harness.simulator.calls().length;
    const leaving = new AbortController();
    const answer = harness.provider.chat(harness.call(long, { signal: leaving.signal }));
    const settled = expect(answer).rejects.toBeInstanceOf(Left);
    await vi.waitFor(() => expect(harness.simulator.calls()).toHaveLength(before + 1), 5000);
    leaving.abort(new Left());
    await settled;
    await harness.sawAbort();
  });

  harness.test("aborts a stalled stream upstream with its signal", "chat", async () => {
    harness.fault({ kind: "stall", afterFrames: 5 });
    const leaving = new AbortController();
    const call = harness.call(long, { signal: leaving.signal });
    const { frames } = await harness.provider.streamChat(call);
    const iterator = frames[Symbol.asyncIterator]();
    expect((await iterator.next()).done).toBe(false);
    const reason = new Left();
    setTimeout(() => leaving.abort(reason), 50);
    const rest = (async () => {
      while ((await iterator.next()).done !== true);
    })();
    await expect(rest).rejects.toBe(reason);
    await harness.sawAbort();
  });

  harness.test("aborts a stream upstream where its reader leaves", "chat", async () => {
    harness.fault({ kind: "stall", afterFrames: 5 });
    const { frames } = await harness.provider.streamChat(harness.call(long));
    for await (const frame of frames) {
      expect(frame.type).toBe("text");
      break;
    }
    await harness.sawAbort();
  });

  harness.test(
    "aborts a stream upstream where its reader leaves while it waits",
    "chat",
    async () => {
      harness.fault({ kind: "stall", afterFrames: 5 });
      const { frames } = await harness.provider.streamChat(harness.call(long));
      const iterator = frames[Symbol.asyncIterator]();
      const waiting = (async () => {
        while ((await iterator.next()).done !== true);
      })().catch(() => undefined);
      await vi.waitFor(() => expect(harness.lastCall()?.framesSent).toBe(5), 5000);
      await iterator.return?.();
      await harness.sawAbort();
      await waiting;
      expect((await iterator.next()).done).toBe(true);
    },
  );

  harness.test("aborts a stream upstream that is never read", "chat", async () => {
    harness.fault({ kind: "stall", afterFrames: 5 });
    const { frames } = await harness.provider.streamChat(harness.call(long));
    await frames[Symbol.asyncIterator]().return?.();
    await harness.sawAbort();
  });
}
