// Whatever backends do, and whenever the client leaves: what holds for every request.
import { getEventListeners } from "node:events";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Frame } from "../../../src/openai/index.ts";
import { ProviderError, type ProviderErrorCode } from "../../../src/providers/index.ts";
import { answer, type AnsweredRequest } from "../../../src/router/answer-stage.ts";
import type { Attempt } from "../../../src/router/attempt.ts";
import { ClientGone } from "../../../src/router/client-gone.ts";
import { closeAttempt } from "../../../src/router/make-attempt.ts";
import { answerFrames, reply, type Script } from "../../support/router-parts.ts";
import { stage, type Staged } from "./stage.ts";

const wait = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Behaviour {
  /** "together": at one moment, in one turn of the event loop, with all others that do so. */
  afterMs: number | "together";
  does: ProviderErrorCode | "answers" | "refuses";
}

const failures = ["throttled", "internal", "invalid_request", "context_overflow"] as const;

const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  afterMs: fc.oneof(
    { weight: 3, arbitrary: fc.constant("together" as const) },
    // Around the moments of hedges and bounds, and on the very same ones.
    { weight: 4, arbitrary: fc.constantFrom(0, 799, 800, 801, 1_000, 1_600, 2_500, 50_000) },
  ),
  does: fc.oneof(
    { weight: 4, arbitrary: fc.constant("answers" as const) },
    { weight: 3, arbitrary: fc.constantFrom("refuses" as const, ...failures) },
  ),
});

const seldom = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 1 });

const plan = fc.record({
  backends: fc.array(behaviour, { minLength: 1, maxLength: 4, size: "max" }),
  stream: fc.boolean(),
  isHedged: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
  maxAttempts: fc.integer({ min: 1, max: 5 }),
  totalTimeoutMs: fc.constantFrom(500, 3_000, 30_000, 60_000),
  fallsBackOnRefusal: fc.boolean(),
  leavesAfterMs: seldom(fc.constantFrom(0, 850, 1_000, 2_600)),
  /** Turns of the microtask queue between the backends' common moment and the client's leaving. */
  leavesTogether: seldom(fc.nat({ max: 30 })),
});

type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;

interface Calls {
  opened: number;
  ended: number;
  together: Promise<void>;
}

/** Later than the hedge starts, and earlier than any bound. */
const togetherMs = 1_200;

function scriptOf({ afterMs, does }: Behaviour, calls: Calls): Script {
  const act = async (): Promise<void> => {
    await (afterMs === "together" ? calls.together : wait(afterMs));
    if (does !== "answers" && does !== "refuses") throw new ProviderError(does, "By order");
  };
  const refused = { type: "finish", reason: "content_filter" } as const;
  return {
    chat: async () => {
      calls.opened += 1;
      await act().finally(() => (calls.ended += 1));
      return reply(does === "refuses" ? { finishReason: "content_filter" } : {});
    },
    stream: async function* (): AsyncGenerator<Frame> {
      calls.opened += 1;
      try {
        await act();
        yield* does === "refuses" ? [refused] : answerFrames;
      } finally {
        calls.ended += 1;
      }
    },
  };
}

interface Run extends Staged {
  calls: Calls;
  ended: PromiseSettledResult<AnsweredRequest>;
  /** How often each attempt's end was told to the health of its backend. */
  ends: Map<unknown, number>;
}

async function run(given: Plan): Promise<Run> {
  const together = Promise.withResolvers<void>();
  const calls = { opened: 0, ended: 0, together: together.promise };
  const names = ["a", "b", "c", "d"];
  const scripts = Object.fromEntries(
    given.backends.map((each, index) => [names[index], scriptOf(each, calls)]),
  );
  const { maxAttempts, totalTimeoutMs } = given;
  const staged = stage(scripts, {
    stream: given.stream,
    backend: {
      timeouts: { connectMs: 100, firstTokenMs: 2_000, idleMs: 500, totalMs: 2_000 },
      // Whole answers and first tokens are usual up to about 800 ms: both are hedged then.
      expectations: { firstTokenP95Ms: 800, tokensPerSecond: 1_000_000 },
    },
    fallback: {
      maxAttempts,
      totalTimeoutMs,
      ...(given.isHedged ? { hedge: { afterPercentile: 95, maxSharePercent: 50 } } : {}),
      ...(given.fallsBackOnRefusal ? { when: ["ProviderRefused", "ServerError", "Timeout"] } : {}),
    },
  });
  const ends = new Map<unknown, number>();
  const note = staged.parts.health.note.bind(staged.parts.health);
  staged.parts.health.note = (ticket, verdict) => {
    if (verdict.result !== "answered") ends.set(ticket, (ends.get(ticket) ?? 0) + 1);
    note(ticket, verdict);
  };
  const { leavesAfterMs, leavesTogether } = given;
  const leave = () => staged.gone.abort(new ClientGone());
  if (leavesAfterMs !== null) setTimeout(leave, leavesAfterMs);
  const meet = async (): Promise<void> => {
    together.resolve();
    for (let turn = 0; turn < (leavesTogether ?? 0); turn += 1) await Promise.resolve();
    if (leavesTogether !== null) leave();
  };
  setTimeout(() => void meet(), togetherMs);
  const [[ended]] = await Promise.all([
    Promise.allSettled([answer(staged.routed, staged.parts)]),
    vi.advanceTimersByTimeAsync(120_000),
  ]);
  if (ended.status === "fulfilled") {
    if (ended.value.answer.kind === "stream") ended.value.answer.close();
    closeAttempt(ended.value.attempt, ended.value, staged.parts);
  }
  await vi.advanceTimersByTimeAsync(120_000);
  return { ...staged, calls, ended, ends };
}

const isAnswer = ({ error, superseded, clientGone }: Attempt): boolean =>
  error === null && !superseded && !clientGone;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a request, whatever its backends do", () => {
  it("makes no more attempts than the route allows, at most one of them a hedge", async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (given) => {
        const { routed } = await run(given);
        expect(routed.attempts.length).toBeLessThanOrEqual(given.maxAttempts);
        const hedges = routed.attempts.filter(({ kind }) => kind === "hedge");
        expect(hedges.length).toBeLessThanOrEqual(given.isHedged ? 1 : 0);
        expect(routed.attempts[0]?.kind).toBe("first");
      }),
    );
  });

  it("has exactly one answer where it has any, and none where it has not", async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (given) => {
        const { routed, ended } = await run(given);
        const answers = routed.attempts.filter(isAnswer);
        if (ended.status === "fulfilled") expect(answers).toEqual([ended.value.attempt]);
        else expect(answers).toEqual([]);
      }),
    );
  });

  it("ends every attempt once, and leaves no call, timer or listener behind", async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (given) => {
        const { routed, ends, calls, gone } = await run(given);
        expect(routed.attempts.map(({ ticket }) => ends.get(ticket))).toEqual(
          routed.attempts.map(() => 1),
        );
        expect(ends.size).toBe(routed.attempts.length);
        for (const { startedAt, endedAt } of routed.attempts)
          expect(endedAt).toBeGreaterThanOrEqual(startedAt);
        expect(calls.opened).toBe(routed.attempts.filter(({ sent }) => sent).length);
        expect(calls.ended).toBe(calls.opened);
        expect(vi.getTimerCount()).toBe(0);
        expect(getEventListeners(gone.signal, "abort")).toEqual([]);
      }),
    );
  });
});
