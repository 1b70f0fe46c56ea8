import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ProviderError } from "../../../src/providers/index.ts";
import { answer, ChainFailed } from "../../../src/router/answer-stage.ts";
import { clientFault } from "../../../src/router/client-fault.ts";
import { ClientGone } from "../../../src/router/client-gone.ts";
import { closeAttempt } from "../../../src/router/make-attempt.ts";
import { accountOf } from "../../../src/router/attempt-account.ts";
import type { RoutedRequest } from "../../../src/router/route-stage.ts";
import { frames, reply, type Script } from "../../support/router-parts.ts";
import { watchful } from "../routing/sample-entries.ts";
import { stage, type Staged } from "./stage.ts";

const answers: Script = { chat: () => reply(), stream: () => frames() };

/** Answers when it is told to. */
function waits() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const script: Script = {
    chat: async () => {
      await promise;
      return reply();
    },
  };
  return { script, release: resolve };
}

const bounded = (max: number, maxQueued = 0) => ({
  backend: { concurrency: { max, maxQueued }, outlier: watchful },
});

/** A further request of the same kind: what was chosen for the first is chosen for it. */
const another = ({ routed }: Staged): RoutedRequest => ({ ...routed, attempts: [] });

const told = ({ attempts }: Pick<RoutedRequest, "attempts">): string[] =>
  attempts.map(({ backend, kind, error }) => `${kind} ${backend.name} ${error?.code ?? "ok"}`);

const caught = async (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a backend that has all its calls", () => {
  it("is passed over, which costs no attempt", async () => {
    const { script, release } = waits();
    const staged = stage({ a: script, b: answers }, bounded(1));
    const first = answer(staged.routed, staged.parts);
    const second = another(staged);
    await answer(second, staged.parts);
    expect(told(second)).toEqual(["first b ok"]);
    release();
    await first;
    expect(told(staged.routed)).toEqual(["first a ok"]);
  });

  it("is told of at once with the time to wait where there is no other, and is none the worse for it", async () => {
    const { script, release } = waits();
    const staged = stage({ a: script }, bounded(1));
    const first = answer(staged.routed, staged.parts);
    for (let index = 0; index < 20; index += 1) {
      const late = another(staged);
      const error = await caught(answer(late, staged.parts));
      expect(told(late)).toEqual(["first a backend_busy"]);
      expect(clientFault(error, late.attempts)).toMatchObject({
        status: 429,
        facts: { code: "rate_limit_exceeded" },
        headers: { "retry-after": "1" },
      });
    }
    expect(staged.parts.health.describe("a")).toMatchObject({ state: "closed", failuresInRow: 0 });
    expect(staged.parts.book.failureShare("a")).toBe(0);
    release();
    await first;
    expect(told(staged.routed)).toEqual(["first a ok"]);
  });

  it("has a place again after an answer, a failure and a client that left", async () => {
    let fails = true;
    const staged = stage(
      {
        a: {
          chat: async () => {
            if (fails) throw new ProviderError("model_error", "By order");
            return reply();
          },
        },
      },
      bounded(1),
    );
    await caught(answer(another(staged), staged.parts));
    fails = false;
    await answer(another(staged), staged.parts);
    const left = new AbortController();
    left.abort(new ClientGone());
    await caught(answer({ ...another(staged), gone: left.signal }, staged.parts));
    expect(staged.parts.places.count("a")).toEqual({ inFlight: 0, queued: 0 });
  });

  it("counts a stream to its end", async () => {
    const staged = stage({ a: answers }, { ...bounded(1), stream: true });
    const { answer: given, attempt } = await answer(staged.routed, staged.parts);
    expect(staged.parts.places.count("a").inFlight).toBe(1);
    expect(await caught(answer(another(staged), staged.parts))).toBeInstanceOf(ChainFailed);
    if (given.kind === "stream") given.close();
    closeAttempt(attempt, staged.routed, staged.parts);
    expect(staged.parts.places.count("a").inFlight).toBe(0);
  });
});

describe("a request that waits for a place", () => {
  it("is served when one is free, and the wait is not held against the backend", async () => {
    const { script, release } = waits();
    const staged = stage({ a: script }, bounded(1, 1));
    const first = answer(staged.routed, staged.parts);
    const second = another(staged);
    const waiting = answer(second, staged.parts);
    expect(staged.parts.places.count("a")).toEqual({ inFlight: 1, queued: 1 });
    await vi.advanceTimersByTimeAsync(1_900);
    release();
    await Promise.all([first, waiting]);
    expect(told(second)).toEqual(["first a ok"]);
    expect(second.attempts[0]?.queuedMs).toBeCloseTo(1_900, -2);
    expect(staged.parts.health.describe("a").slowShare).toBe(0.5);
  });

  it("is refused when its attempt's time has passed, which is no fault of the backend and costs nothing", async () => {
    const staged = stage({ a: answers }, { ...bounded(1, 1), stream: true });
    const { answer: given } = await answer(staged.routed, staged.parts);
    const second = another(staged);
    const waiting = caught(answer(second, staged.parts));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(clientFault(await waiting, second.attempts).status).toBe(429);
    expect(told(second)).toEqual(["first a backend_busy"]);
    const [attempt] = second.attempts;
    expect(attempt?.sent).toBe(false);
    expect(attempt && accountOf(attempt, second.needs).usage).toBeNull();
    expect(staged.parts.health.describe("a")).toMatchObject({ failuresInRow: 0, slowShare: 0 });
    expect(staged.parts.places.count("a")).toEqual({ inFlight: 1, queued: 0 });
    if (given.kind === "stream") given.close();
  });

  it("frees its place in the queue when its client leaves, and is billed nothing", async () => {
    const { script, release } = waits();
    const staged = stage({ a: script }, bounded(1, 1));
    const first = answer(staged.routed, staged.parts);
    const left = new AbortController();
    const second = { ...another(staged), gone: left.signal };
    const waiting = caught(answer(second, staged.parts));
    left.abort(new ClientGone());
    expect(await waiting).toBeInstanceOf(ClientGone);
    expect(staged.parts.places.count("a")).toEqual({ inFlight: 1, queued: 0 });
    const [attempt] = second.attempts;
    expect(attempt?.sent).toBe(false);
    expect(attempt && accountOf(attempt, second.needs)).toMatchObject({
      usage: null,
      costPicoUsd: 0,
    });
    release();
    await first;
  });

  it("is not called, nor billed, where its client leaves in the moment in which a place is free", async () => {
    const { script, release } = waits();
    const chat = vi.fn(script.chat);
    const staged = stage({ a: { chat } }, bounded(1, 1));
    const first = answer(staged.routed, staged.parts);
    const left = new AbortController();
    const second = { ...another(staged), gone: left.signal };
    const waiting = caught(answer(second, staged.parts));
    release();
    while (staged.parts.places.count("a").queued > 0) await Promise.resolve();
    left.abort(new ClientGone());
    expect(await waiting).toBeInstanceOf(ClientGone);
    await first;
    expect(chat).toHaveBeenCalledTimes(1);
    expect(second.attempts).toMatchObject([{ sent: false, clientGone: true }]);
    expect(staged.parts.places.count("a")).toEqual({ inFlight: 0, queued: 0 });
  });
});
