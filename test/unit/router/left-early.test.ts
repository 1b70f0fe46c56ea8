import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answer } from "../../../src/router/answer-stage.ts";
import { closeAttempt } from "../../../src/router/make-attempt.ts";
import type { RoutedRequest } from "../../../src/router/route-stage.ts";
import { frames, reply, type Script } from "../../support/router-parts.ts";
import { watchful } from "../routing/sample-entries.ts";
import { stage, type Staged } from "./stage.ts";

/** Answers after so long; for ever where there is no time. */
function takes(ms: number | undefined): Script {
  const wait = async () =>
    new Promise<void>((resolve) => {
      if (ms !== undefined) setTimeout(resolve, ms);
    });
  return {
    chat: async () => {
      await wait();
      return reply();
    },
    stream: async () => {
      await wait();
      return frames();
    },
  };
}

/** So many requests at once; a stream is over with its first content. */
async function together(staged: Staged, times: number, ms: number): Promise<RoutedRequest[]> {
  const requests = Array.from({ length: times }, () => ({ ...staged.routed, attempts: [] }));
  const ended = requests.map(async (request) => {
    const answered = await answer(request, staged.parts).catch(() => undefined);
    if (answered?.answer.kind !== "stream") return;
    answered.answer.close();
    closeAttempt(answered.attempt, request, staged.parts);
  });
  await vi.advanceTimersByTimeAsync(ms);
  await Promise.all(ended);
  return requests;
}

const codesOf = (requests: readonly RoutedRequest[]): string[] =>
  requests.map(({ attempts }) => attempts[0]?.error?.code ?? "ok");

const patient = { connectMs: 1_000, firstTokenMs: 8_000, idleMs: 10_000, totalMs: 60_000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("an attempt that the router itself ended", () => {
  it.each([true, false])(
    "for want of the route's time is not held against a backend that needs more (stream: %s)",
    async (stream) => {
      const staged = stage(
        { a: takes(500) },
        {
          stream,
          backend: { timeouts: patient, outlier: watchful },
          fallback: { totalTimeoutMs: 300 },
        },
      );
      const requests = await together(staged, 20, 400);
      expect(new Set(codesOf(requests))).toEqual(new Set(["timeout"]));
      expect(staged.parts.health.describe("a")).toMatchObject({ state: "closed", errorShare: 0 });
      expect(staged.parts.book.failureShare("a")).toBe(0);
    },
  );

  it("for want of the route's time speaks against a backend that had more than it ever needs", async () => {
    const staged = stage(
      { a: takes(undefined) },
      {
        stream: true,
        backend: { timeouts: patient, outlier: watchful },
        fallback: { totalTimeoutMs: 2_000 },
      },
    );
    for (let index = 0; index < 5; index += 1) await together(staged, 1, 2_100);
    expect(staged.parts.health.describe("a")).toMatchObject({ reason: "consecutive_failures" });
  });

  it("after most of its time in the router's own queue is not held against the backend", async () => {
    const script = takes(900);
    const staged = stage(
      { a: script },
      { stream: true, backend: { concurrency: { max: 10, maxQueued: 10 }, outlier: watchful } },
    );
    const requests = await together(staged, 20, 1_100);
    expect(codesOf(requests)).toEqual([
      ...Array<string>(10).fill("ok"),
      ...Array<string>(10).fill("slow_first_token"),
    ]);
    expect(staged.parts.health.describe("a")).toMatchObject({ state: "closed", errorShare: 0 });
  });

  it("together with others, as unusually slow, is one failure in a row; one after another they eject", async () => {
    const scripts = { a: takes(50), b: takes(10) };
    const staged = stage(scripts, {
      stream: true,
      backend: { timeouts: patient, outlier: watchful },
      fallback: { totalTimeoutMs: 60_000 },
    });
    await together(staged, 200, 60);
    scripts.a = takes(undefined);
    const cut = await together(staged, 20, 1_500);
    expect(new Set(codesOf(cut))).toEqual(new Set(["slow_first_token"]));
    const { health } = staged.parts;
    expect(health.describe("a")).toMatchObject({ state: "closed", failuresInRow: 1 });
    for (let index = 0; index < 4; index += 1) await together(staged, 1, 1_500);
    expect(health.describe("a")).toMatchObject({ reason: "consecutive_failures" });
  });
});
