import { getEventListeners } from "node:events";
import { describe, expect, it, vi } from "vitest";
import type { Frame } from "../../../src/openai/index.ts";
import { ProviderError, type ProviderErrorCode } from "../../../src/providers/index.ts";
import { answer, ChainFailed, type AnsweredRequest } from "../../../src/router/answer-stage.ts";
import { accountOf, sumUsage } from "../../../src/router/attempt-account.ts";
import { ClientGone } from "../../../src/router/client-gone.ts";
import { answerFrames, reply, type Script } from "../../support/router-parts.ts";
import type { FallbackReason, RouteEntry } from "../../../src/table/index.ts";
import { usage } from "./attempts.ts";
import { stage, type Staged } from "./stage.ts";
import { useFakeTimersWithoutStrayRejections } from "./no-stray-rejections.ts";

// The staged backends declare a P95 of 800 ms for their first token and take a second at most.
const hedge = { afterPercentile: 95, maxSharePercent: 50 };

const wait = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What a scripted backend was asked, and how its calls ended. */
interface Watched extends Script {
  signals: AbortSignal[];
  freed: number;
}

/** A backend that gives its answer, or its error, after so many milliseconds; streams are freed by hand. */
function after(ms: number, error?: ProviderErrorCode): Watched {
  const watched: Watched = { signals: [], freed: 0 };
  const settle = async (signal: AbortSignal): Promise<void> => {
    watched.signals.push(signal);
    await wait(ms);
    if (error !== undefined) throw new ProviderError(error, "By order");
  };
  watched.chat = async ({ signal }) => {
    await settle(signal);
    return reply();
  };
  watched.stream = async function* ({ signal }): AsyncGenerator<Frame> {
    try {
      await settle(signal);
      yield* answerFrames;
    } finally {
      watched.freed += 1;
    }
  };
  return watched;
}

type Ended = PromiseSettledResult<AnsweredRequest>;

async function ask(staged: Staged): Promise<Ended> {
  const [settled] = await Promise.all([
    Promise.allSettled([answer(staged.routed, staged.parts)]),
    vi.advanceTimersByTimeAsync(60_000),
  ]);
  const [ended] = settled;
  if (ended.status === "fulfilled" && ended.value.answer.kind === "stream")
    ended.value.answer.close();
  return ended;
}

const told = ({ routed }: Staged) =>
  routed.attempts.map(({ backend, kind, error, superseded }) =>
    [kind, backend.name, superseded ? "superseded" : (error?.code ?? "answered")].join(" "),
  );

const served = (ended: Ended): string | undefined =>
  ended.status === "fulfilled" ? ended.value.attempt.backend.name : undefined;

useFakeTimersWithoutStrayRejections();

function expectNothingLeft({ gone, routed }: Staged): void {
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(gone.signal, "abort")).toHaveLength(0);
  expect(routed.attempts.every(({ endedAt, streaming }) => streaming || endedAt !== null)).toBe(
    true,
  );
}

describe.each([true, false])("a hedged request (stream: %s)", (stream) => {
  // A whole answer's P95 is the first token's and that of 512 tokens at 100 a second: six seconds.
  const scale = stream ? 1 : 8;
  const timeouts = { connectMs: 100, firstTokenMs: 10_000, idleMs: 500, totalMs: 60_000 };
  const hedged = (scripts: Record<string, Script>, changes = {}, backend = {}) =>
    stage(scripts, {
      stream,
      backend: { timeouts, ...backend },
      fallback: { hedge, totalTimeoutMs: 60_000, ...changes },
    });

  it("is not hedged while it is as quick as usual", async () => {
    const [a, b] = [after(600 * scale), after(0)];
    const staged = hedged({ a, b });
    expect(served(await ask(staged))).toBe("a");
    expect(told(staged)).toEqual(["first a answered"]);
    expectNothingLeft(staged);
  });

  it("is answered by the hedge where the first is slow, and the first is cancelled", async () => {
    const [a, b] = [after(5_000 * scale), after(100)];
    const staged = hedged({ a, b });
    const began = staged.parts.clock.elapsed();
    expect(served(await ask(staged))).toBe("b");
    expect(told(staged)).toEqual(["first a superseded", "hedge b answered"]);
    expect(a.signals[0]?.aborted).toBe(true);
    const [first, second] = staged.routed.attempts;
    expect(first).toMatchObject({ cancelled: true, error: null, clientGone: false });
    expect((second?.startedAt ?? 0) - began).toBeGreaterThan(700 * scale);
    expect((first?.endedAt ?? 0) - began).toBeLessThan(1_000 * scale);
    expectNothingLeft(staged);
  });

  it("is answered by the first where that comes before the hedge after all", async () => {
    const [a, b] = [after(900 * scale), after(5_000 * scale)];
    const staged = hedged({ a, b });
    expect(served(await ask(staged))).toBe("a");
    expect(told(staged)).toEqual(["first a answered", "hedge b superseded"]);
    expect(b.signals[0]?.aborted).toBe(true);
    expectNothingLeft(staged);
  });

  it("goes on with the hedge where the first fails meanwhile", async () => {
    const staged = hedged({ a: after(900 * scale, "throttled"), b: after(3_000), c: after(0) });
    expect(served(await ask(staged))).toBe("b");
    expect(told(staged)).toEqual(["first a throttled", "hedge b answered"]);
    expectNothingLeft(staged);
  });

  it("goes on with the first where the hedge fails, for as long as the last candidate may take", async () => {
    const staged = hedged({ a: after(8_000), b: after(10, "throttled") });
    expect(served(await ask(staged))).toBe("a");
    expect(told(staged)).toEqual(["first a answered", "hedge b throttled"]);
    expectNothingLeft(staged);
  });

  it("lets a first that was to be left soon take its time once it is the last", async () => {
    const staged = hedged({ a: after(9_000), b: after(10, "throttled") });
    const [link] = staged.routed.choice.chain;
    const quick = { route: "chat", ok: true, firstTokenMs: 100, totalMs: 100, wholeMs: 100 };
    for (let call = 0; call < 1_000; call += 1) staged.parts.book.observe(link!.backend, quick);
    expect(served(await ask(staged))).toBe("a");
    expect(told(staged)).toEqual(["first a answered", "hedge b throttled"]);
    expectNothingLeft(staged);
  });

  it("falls back further where both have failed", async () => {
    const [a, b] = [after(950 * scale, "throttled"), after(20, "throttled")];
    const staged = hedged({ a, b, c: after(0) });
    expect(served(await ask(staged))).toBe("c");
    expect(told(staged)).toEqual(["first a throttled", "hedge b throttled", "fallback c answered"]);
    expectNothingLeft(staged);
  });

  it("goes on from what failed last, whatever the hedge had failed by before", async () => {
    const [a, b] = [after(950 * scale, "throttled"), after(20, "invalid_request")];
    const staged = hedged({ a, b, c: after(0) });
    expect(served(await ask(staged))).toBe("c");
    expect(told(staged)).toEqual([
      "first a throttled",
      "hedge b invalid_request",
      "fallback c answered",
    ]);
    expectNothingLeft(staged);
  });

  it("ends with the first's error, hedge or not, where that is the request's own fault", async () => {
    const staged = hedged({ a: after(900 * scale, "invalid_request"), b: after(3_000) });
    const ended = await ask(staged);
    expect(ended).toMatchObject({ status: "rejected", reason: expect.any(ChainFailed) });
    expect(told(staged)).toEqual(["first a invalid_request", "hedge b superseded"]);
    expectNothingLeft(staged);
  });

  it("has both attempts cancelled when the client leaves", async () => {
    const [a, b] = [after(50_000), after(50_000)];
    const staged = hedged({ a, b });
    const answering = expect(answer(staged.routed, staged.parts)).rejects.toBeInstanceOf(
      ClientGone,
    );
    await vi.advanceTimersByTimeAsync(900 * scale);
    staged.gone.abort(new ClientGone());
    await answering;
    expect(staged.routed.attempts.map(({ clientGone }) => clientGone)).toEqual([true, true]);
    expect([a, b].map(({ signals }) => signals[0]?.aborted)).toEqual([true, true]);
    await vi.advanceTimersByTimeAsync(60_000);
    expectNothingLeft(staged);
  });

  it("takes one answer of two that come in the same moment, and frees both", async () => {
    const together = Promise.withResolvers<void>();
    const freed = vi.fn();
    const script: Script = {
      chat: async () => together.promise.then(() => reply()),
      stream: async function* () {
        try {
          await together.promise;
          yield* answerFrames;
        } finally {
          freed();
        }
      },
    };
    const staged = hedged({ a: script, b: script });
    setTimeout(together.resolve, 1_000 * scale);
    await ask(staged);
    expect(told(staged)).toEqual(["first a answered", "hedge b superseded"]);
    expectNothingLeft(staged);
    vi.useRealTimers();
    await vi.waitFor(() => expect(freed).toHaveBeenCalledTimes(stream ? 2 : 0));
  });

  it.each(Array.from({ length: 12 }, (_, turns) => turns))(
    "arms no timer for a first that answers %d turns after the hedge has failed",
    async (turns) => {
      const together = Promise.withResolvers<void>();
      const answers = async (): Promise<void> => {
        await together.promise;
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      };
      const fails = async (): Promise<never> => {
        await together.promise;
        throw new ProviderError("throttled", "By order");
      };
      const a: Script = {
        chat: async () => answers().then(() => reply()),
        stream: async function* () {
          await answers();
          yield* answerFrames;
        },
      };
      const b: Script = {
        chat: fails,
        stream: async function* () {
          yield await fails();
        },
      };
      const staged = hedged({ a, b });
      setTimeout(together.resolve, 1_000 * scale);
      const [answered] = await Promise.all([
        answer(staged.routed, staged.parts),
        vi.advanceTimersByTimeAsync(1_000 * scale),
      ]);
      if (answered.answer.kind === "stream") answered.answer.close();
      expectNothingLeft(staged);
    },
  );

  it("starts one hedge at most, and no more attempts than the route allows", async () => {
    const slow = { a: after(50_000), b: after(50_000), c: after(50_000), d: after(0) };
    const staged = hedged(slow, { maxAttempts: 2, totalTimeoutMs: 5_000 * scale });
    await ask(staged);
    expect(staged.routed.attempts.map(({ kind }) => kind)).toEqual(["first", "hedge"]);
    const single = hedged(slow, { maxAttempts: 1, totalTimeoutMs: 5_000 * scale });
    await ask(single);
    expect(single.routed.attempts.map(({ kind }) => kind)).toEqual(["first"]);
  });

  it("is not hedged past the route's share, and says so", async () => {
    const staged = hedged({ a: after(2_000 * scale), b: after(0) });
    while (staged.parts.budgets.takeHedge(staged.routed.route));
    const none = { afterPercentile: 95, maxSharePercent: 1 };
    staged.routed.route = {
      ...staged.routed.route,
      fallback: { ...staged.routed.route.fallback, hedge: none },
    };
    expect(served(await ask(staged))).toBe("a");
    expect(told(staged)).toEqual(["first a answered"]);
    expect(staged.routed.denied).toBe("hedge");
  });

  it("is never hedged to a candidate that the tenant may not use", async () => {
    const staged = hedged({ a: after(2_000 * scale), b: after(0), c: after(0) });
    staged.routed.tenant = {
      name: "acme",
      keys: [],
      routes: {},
      allowedBackends: ["a", "c"],
      residencyRegions: null,
      dataClasses: [],
      envelope: {},
      budgets: [],
      rateLimits: {},
      enforcement: "Enforce",
      storeFailure: "FailOpen",
    };
    expect(served(await ask(staged))).toBe("c");
    expect(told(staged)).toEqual(["first a superseded", "hedge c answered"]);
  });

  it("is never hedged to a candidate that is ejected", async () => {
    const outlier = {
      consecutiveFailures: 3,
      errorPercent: 50,
      slowPercent: 50,
      ejectForMs: 600_000,
    };
    const staged = hedged({ a: after(2_000 * scale), b: after(0) }, {}, { outlier });
    const { health } = staged.parts;
    const [, link] = staged.routed.choice.chain;
    for (let call = 0; call < 3; call += 1)
      health.note(health.begin(link!.backend), { result: "failed" });
    expect(served(await ask(staged))).toBe("a");
    expect(told(staged)).toEqual(["first a answered"]);
  });
});

describe("a hedge that would have to wait for a place", () => {
  it("is made at the next candidate that has one free, and takes nobody's turn", async () => {
    const staged = stage(
      { a: after(990), b: after(0), c: after(0) },
      {
        stream: true,
        fallback: { hedge, totalTimeoutMs: 60_000 },
        backend: { concurrency: { max: 1, maxQueued: 5 } },
      },
    );
    const [, full] = staged.routed.choice.chain;
    void staged.parts.places.take(full!.backend, staged.gone.signal);
    expect(served(await ask(staged))).toBe("c");
    expect(told(staged)).toEqual(["first a superseded", "hedge c answered"]);
  });
});

describe("a stream that lost the race", () => {
  it("is freed even if it ignores its signal", async () => {
    const [a, b] = [after(5_000), after(100)];
    const staged = stage({ a, b }, { stream: true, fallback: { hedge, totalTimeoutMs: 60_000 } });
    await ask(staged);
    vi.useRealTimers();
    await vi.waitFor(() => expect([a.freed, b.freed]).toEqual([1, 1]));
  });
});

describe.each([true, false])("a refusal in a race (stream: %s)", (stream) => {
  const scale = stream ? 1 : 8;
  const used = usage(7, 0);
  const refuses = (ms = 100): Script => ({
    chat: async () => {
      await wait(ms);
      return reply({ text: "", finishReason: "content_filter", usage: used });
    },
    stream: async function* () {
      await wait(ms);
      yield { type: "finish", reason: "content_filter" };
      yield { type: "usage", usage: used };
    },
  });
  const raced = (scripts: Record<string, Script>, changes: Partial<RouteEntry["fallback"]> = {}) =>
    stage(scripts, {
      stream,
      backend: {
        timeouts: { connectMs: 100, firstTokenMs: 1_000, idleMs: 500, totalMs: 10_000 },
      },
      fallback: { hedge, totalTimeoutMs: 60_000, ...changes },
    });

  it("of the hedge does not win over what the first one may say", async () => {
    const staged = raced({ a: after(990 * scale), b: refuses() });
    expect(served(await ask(staged))).toBe("a");
    expect(told(staged)).toEqual(["first a answered", "hedge b content_refused"]);
    expectNothingLeft(staged);
  });

  it("of the hedge is the answer where the first then fails, though another candidate is left", async () => {
    const staged = raced({ a: after(990 * scale, "throttled"), b: refuses(), c: after(0) });
    const ended = await ask(staged);
    expect(served(ended)).toBe("b");
    expect(told(staged)).toEqual(["first a throttled", "hedge b answered"]);
    const accounts = staged.routed.attempts.map((each) => accountOf(each, staged.routed.needs));
    expect(sumUsage(accounts)).toEqual(used);
    expectNothingLeft(staged);
  });

  it("of the hedge is nobody's answer where the first one's failure is the request's own", async () => {
    const staged = raced({ a: after(990 * scale, "invalid_request"), b: refuses(), c: after(0) });
    expect((await ask(staged)).status).toBe("rejected");
    expect(told(staged)).toEqual(["first a invalid_request", "hedge b content_refused"]);
    expectNothingLeft(staged);
  });

  it("of the hedge falls back where the route says so, and is the answer where nobody is left", async () => {
    const when: FallbackReason[] = ["RateLimited", "ProviderRefused"];
    const scripts = { a: after(990 * scale, "throttled"), b: refuses() };
    const further = raced({ ...scripts, c: after(0) }, { when });
    expect(served(await ask(further))).toBe("c");
    expect(told(further)).toEqual([
      "first a throttled",
      "hedge b content_refused",
      "fallback c answered",
    ]);
    const last = raced(scripts, { when });
    expect(served(await ask(last))).toBe("b");
    expectNothingLeft(last);
  });

  it("of the first is the answer where the hedge that it fell back to fails", async () => {
    const when: FallbackReason[] = ["RateLimited", "ProviderRefused"];
    const staged = raced(
      { a: refuses(990 * scale), b: after(stream ? 500 : 2_500, "throttled") },
      { when },
    );
    expect(served(await ask(staged))).toBe("a");
    expect(told(staged)).toEqual(["first a answered", "hedge b throttled"]);
    expectNothingLeft(staged);
  });

  it("of the hedge leaves nothing behind where the client leaves while it is kept", async () => {
    const staged = raced({ a: after(50_000), b: refuses() });
    setTimeout(() => staged.gone.abort(new ClientGone()), 950 * scale);
    expect((await ask(staged)).status).toBe("rejected");
    expectNothingLeft(staged);
  });
});

describe("a route that certifies its quality", () => {
  const scripts = () => ({ a: after(5_000), b: after(100) });
  const timeouts = { connectMs: 100, firstTokenMs: 10_000, idleMs: 500, totalMs: 60_000 };

  /** @param pOfB how good the other candidate is judged; the first is judged 0.9 */
  function certified(pOfB: number, baseline: string): Staged {
    const staged = stage(scripts(), {
      stream: true,
      backend: { timeouts },
      fallback: { hedge, totalTimeoutMs: 60_000 },
    });
    const { routed } = staged;
    const chain = routed.choice.chain.map((link) => ({
      ...link,
      p: link.backend.name === "b" ? pOfB : 0.9,
    }));
    const route = {
      ...routed.route,
      selection: "CheapestWithinEnvelope" as const,
      quality: { floorPercent: 95, assurance: "Certified" as const },
      baseline,
    };
    return { ...staged, routed: { ...routed, route, choice: { ...routed.choice, chain } } };
  }

  it.each([
    { pOfB: 0.7, baseline: "a", by: "a", what: "is not hedged at a model that is judged worse" },
    { pOfB: 0.9, baseline: "a", by: "b", what: "is hedged at one that is judged as good" },
    { pOfB: 0.7, baseline: "b", by: "b", what: "is hedged at its baseline" },
  ])("$what", async ({ pOfB, baseline, by }) => {
    expect(served(await ask(certified(pOfB, baseline)))).toBe(by);
  });
});
