import { getEventListeners } from "node:events";
import { describe, expect, it, vi } from "vitest";
import type { Frame } from "../../../src/openai/index.ts";
import { ProviderError } from "../../../src/providers/index.ts";
import { answer, ChainFailed } from "../../../src/router/answer-stage.ts";
import { ClientGone } from "../../../src/router/client-gone.ts";
import { answerFrames, frames, reply, type Script } from "../../support/router-parts.ts";
import { stage, type Staged } from "./stage.ts";
import { useFakeTimersWithoutStrayRejections } from "./no-stray-rejections.ts";

const codes = ({ routed }: Staged): (string | null)[] =>
  routed.attempts.map(({ error }) => error?.code ?? null);

const fails = (code: ConstructorParameters<typeof ProviderError>[0], details = {}): Script => {
  const throwIt = (): never => {
    throw new ProviderError(code, "By order", details);
  };
  return { chat: throwIt, stream: throwIt };
};
const answers: Script = { chat: () => reply(), stream: () => frames() };
const never = new Promise<never>(() => undefined);

/** Lets every wait end by the clock of the test; what is still pending after an hour never ends. */
async function settle<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [settled] = await Promise.all([
    Promise.allSettled([promise]),
    vi.advanceTimersByTimeAsync(3_600_000),
  ]);
  return settled[0];
}

useFakeTimersWithoutStrayRejections();

/** Nothing is left that would fire later, or that holds the request in memory. */
function expectNothingLeft({ gone }: Staged): void {
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(gone.signal, "abort")).toHaveLength(0);
}

describe("answering down the chain", () => {
  it.each([true, false])("gives the first candidate's answer (stream: %s)", async (stream) => {
    const staged = stage({ a: answers, b: answers }, { stream });
    const { answer: given } = await answer(staged.routed, staged.parts);
    expect(given.kind).toBe(stream ? "stream" : "whole");
    expect(staged.routed.attempts.map(({ backend, kind }) => [backend.name, kind])).toEqual([
      ["a", "first"],
    ]);
    if (given.kind === "stream") {
      expect(given.held).toEqual([answerFrames[0]]);
      given.close();
    }
    expectNothingLeft(staged);
  });

  it.each([true, false])("moves on when a candidate fails (stream: %s)", async (stream) => {
    const staged = stage({ a: fails("throttled"), b: answers }, { stream });
    const { answer: given } = await answer(staged.routed, staged.parts);
    expect(codes(staged)).toEqual(["throttled", null]);
    if (given.kind === "stream") given.close();
    expectNothingLeft(staged);
  });

  it("gives up with every error when all have failed", async () => {
    const staged = stage({ a: fails("throttled"), b: fails("timeout"), c: fails("model_error") });
    const error = await answer(staged.routed, staged.parts).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ChainFailed);
    expect((error as ChainFailed).errors.map(({ code }) => code)).toEqual([
      "throttled",
      "timeout",
      "model_error",
    ]);
    expect(staged.routed.attempts.every(({ endedAt }) => endedAt !== null)).toBe(true);
    expectNothingLeft(staged);
  });
});

describe("a candidate that misbehaves", () => {
  async function* mute(): AsyncGenerator<Frame> {
    yield* [];
    await never;
  }
  async function* muteAfter(...given: Frame[]): AsyncGenerator<Frame> {
    yield* given;
    await never;
  }
  async function* endless(): AsyncGenerator<Frame> {
    for (;;) {
      // As a socket would: never within one turn of the event loop.
      await new Promise((resolve) => setTimeout(resolve, 10));
      yield { type: "text", text: "" };
    }
  }
  async function* throwing(error: unknown, ...given: Frame[]): AsyncGenerator<Frame> {
    yield* given;
    throw error;
  }

  it.each<[string, Script, boolean, string, number]>([
    ["never settles a whole answer", { chat: async () => never }, false, "timeout", 2_000],
    ["never opens its stream", { stream: async () => never }, true, "slow_first_token", 1_000],
    ["opens a stream and says nothing", { stream: mute }, true, "slow_first_token", 1_000],
    ["sends nothing but empty text", { stream: endless }, true, "slow_first_token", 1_000],
    ["ends its stream at once", { stream: () => frames([]) }, true, "stream_broken", 0],
    [
      "ends its stream with usage alone",
      { stream: () => frames([answerFrames[3]!]) },
      true,
      "stream_broken",
      0,
    ],
    [
      "finishes without content",
      { stream: () => frames(answerFrames.slice(2)) },
      true,
      "empty_reply",
      0,
    ],
    [
      "finishes without content and then hangs",
      { stream: () => muteAfter(answerFrames[2]!) },
      true,
      "slow_first_token",
      1_000,
    ],
    [
      "breaks before its first content",
      { stream: () => throwing(new ProviderError("stream_broken", "cut")) },
      true,
      "stream_broken",
      0,
    ],
    [
      "throws what is no ProviderError",
      { chat: async () => Promise.reject(new TypeError("oops")) },
      false,
      "internal",
      0,
    ],
    [
      "throws at once what is no ProviderError",
      {
        chat: () => {
          throw new TypeError("oops");
        },
      },
      false,
      "internal",
      0,
    ],
    ["throws a text", { stream: () => throwing("oops") }, true, "internal", 0],
    [
      "throws a foreign AbortError",
      { chat: async () => Promise.reject(new DOMException("no", "AbortError")) },
      false,
      "internal",
      0,
    ],
  ])("and %s is left in time for the next", async (_what, script, stream, code, ms) => {
    const staged = stage({ a: script, b: answers }, { stream, fallback: { maxAttempts: 2 } });
    const began = staged.parts.clock.elapsed();
    const settled = await settle(answer(staged.routed, staged.parts));
    expect(settled.status).toBe("fulfilled");
    expect(codes(staged)).toEqual([code, null]);
    const [first] = staged.routed.attempts;
    expect((first?.endedAt ?? Infinity) - began).toBeGreaterThanOrEqual(ms);
    expect((first?.endedAt ?? Infinity) - began).toBeLessThan(ms + 500);
    expect(staged.parts.faults).toHaveLength(code === "internal" ? 1 : 0);
    if (settled.status === "fulfilled" && settled.value.answer.kind === "stream")
      settled.value.answer.close();
    if (script.stream !== endless) expectNothingLeft(staged);
  });

  it("has its signal aborted with the reason when its time is up", async () => {
    let seen: AbortSignal | undefined;
    const staged = stage({
      a: {
        chat: async ({ signal }) => {
          seen = signal;
          return never;
        },
      },
      b: answers,
    });
    await settle(answer(staged.routed, staged.parts));
    expect(seen?.reason).toMatchObject({ code: "timeout" });
  });

  it("and answers after it was given up is not heard, nor is what it throws then", async () => {
    const late = Promise.withResolvers<ReturnType<typeof reply>>();
    const staged = stage({ a: { chat: async () => late.promise }, b: answers });
    await settle(answer(staged.routed, staged.parts));
    late.reject(new Error("much too late"));
    expect(codes(staged)).toEqual(["timeout", null]);
    expectNothingLeft(staged);
  });

  it("and left its stream open is returned to, so that it can free what it holds", async () => {
    const freed = vi.fn();
    async function* holding(): AsyncGenerator<Frame> {
      try {
        yield* answerFrames;
      } finally {
        freed();
      }
    }
    const staged = stage({ a: { stream: holding } }, { stream: true });
    const { answer: given } = await answer(staged.routed, staged.parts);
    if (given.kind === "stream") given.close();
    await vi.waitFor(() => expect(freed).toHaveBeenCalledOnce());
  });
});

describe("the time of a route", () => {
  it("bounds all attempts together", async () => {
    const hangs: Script = { chat: async () => never };
    const staged = stage({ a: hangs, b: hangs, c: hangs });
    const began = staged.parts.clock.elapsed();
    const settled = await settle(answer(staged.routed, staged.parts));
    expect(settled.status).toBe("rejected");
    // Two seconds for the first, the second gets the one that is left, the third none.
    expect(codes(staged)).toEqual(["timeout", "timeout"]);
    expect((staged.routed.attempts[1]?.endedAt ?? Infinity) - began).toBeLessThan(3_500);
    expectNothingLeft(staged);
  });

  it("is not outlasted by a retry that was asked to wait", async () => {
    const waits: Script = {
      chat: vi.fn(async () =>
        Promise.reject(new ProviderError("unavailable", "Later", { retryAfterMs: 10_000 })),
      ),
    };
    const staged = stage({ a: waits });
    const began = staged.parts.clock.elapsed();
    const settled = await settle(answer(staged.routed, staged.parts));
    expect(settled.status).toBe("rejected");
    expect(waits.chat).toHaveBeenCalledOnce();
    expect((staged.routed.attempts[0]?.endedAt ?? Infinity) - began).toBeLessThan(100);
    expectNothingLeft(staged);
  });

  it("holds for the attempt after a wait, too", async () => {
    let calls = 0;
    const slow: Script = {
      chat: async () => {
        calls += 1;
        if (calls > 1) return never;
        throw new ProviderError("unavailable", "Later", { retryAfterMs: 2_000 });
      },
    };
    const staged = stage({ a: slow });
    const began = staged.parts.clock.elapsed();
    await settle(answer(staged.routed, staged.parts));
    expect(codes(staged)).toEqual(["unavailable", "timeout"]);
    expect((staged.routed.attempts[1]?.endedAt ?? Infinity) - began).toBeLessThan(3_500);
  });

  it("lets a retry wait as long as the provider asks", async () => {
    let calls = 0;
    const once: Script = {
      chat: async () => {
        calls += 1;
        if (calls > 1) return reply();
        throw new ProviderError("unavailable", "Later", { retryAfterMs: 700 });
      },
    };
    const staged = stage({ a: once });
    await settle(answer(staged.routed, staged.parts));
    const [first, second] = staged.routed.attempts;
    expect(second?.kind).toBe("retry");
    expect((second?.startedAt ?? 0) - (first?.endedAt ?? 0)).toBeGreaterThanOrEqual(700);
  });
});

describe("a client that leaves", () => {
  it.each<[string, Script, boolean]>([
    ["during a whole answer", { chat: async () => never }, false],
    ["before the first content of a stream", { stream: async () => never }, true],
    ["during the wait before a retry", fails("unavailable", { retryAfterMs: 1_000 }), false],
  ])("%s ends everything", async (_what, script, stream) => {
    const staged = stage(
      { a: script, ...(script.chat === undefined ? { b: answers } : {}) },
      { stream },
    );
    const answering = answer(staged.routed, staged.parts);
    const expected = expect(answering).rejects.toBeInstanceOf(ClientGone);
    await vi.advanceTimersByTimeAsync(100);
    staged.gone.abort(new ClientGone());
    await expected;
    expect(staged.routed.attempts).toHaveLength(1);
    expectNothingLeft(staged);
  });

  it("teaches nothing about the backend", async () => {
    const staged = stage({ a: { chat: async () => never } });
    const observe = vi.spyOn(staged.parts.book, "observe");
    const answering = answer(staged.routed, staged.parts).catch(() => undefined);
    staged.gone.abort(new ClientGone());
    await answering;
    expect(staged.routed.attempts[0]).toMatchObject({ clientGone: true, error: null });
    expect(observe).not.toHaveBeenCalled();
  });
});

describe("a provider's refusal", () => {
  const refuses: Script = {
    chat: () => reply({ finishReason: "content_filter" }),
    stream: () => frames([{ type: "finish", reason: "content_filter" }, answerFrames[3]!]),
  };

  it.each([true, false])(
    "is the answer where the route does not fall back on it (stream: %s)",
    async (stream) => {
      const staged = stage({ a: refuses, b: answers }, { stream });
      const { answer: given } = await answer(staged.routed, staged.parts);
      expect(codes(staged)).toEqual([null]);
      if (given.kind === "stream") given.close();
      expectNothingLeft(staged);
    },
  );

  it.each([true, false])(
    "moves on where the route says so, charged with what it used (stream: %s)",
    async (stream) => {
      const staged = stage(
        { a: refuses, b: answers },
        { stream, fallback: { when: ["ProviderRefused"] } },
      );
      const { answer: given } = await answer(staged.routed, staged.parts);
      expect(codes(staged)).toEqual(["content_refused", null]);
      expect(staged.routed.attempts[0]?.usage).toMatchObject({ input: 10, output: 5 });
      expect(staged.routed.attempts[0]?.endedAt).not.toBeNull();
      if (given.kind === "stream") given.close();
      expectNothingLeft(staged);
    },
  );

  it("of the last candidate is the answer", async () => {
    const staged = stage({ a: refuses }, { fallback: { when: ["ProviderRefused"] } });
    await answer(staged.routed, staged.parts);
    expect(codes(staged)).toEqual([null]);
  });
});
