import { getEventListeners } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, it, vi } from "vitest";
import type { Frame } from "../../../src/openai/index.ts";
import { ProviderError } from "../../../src/providers/index.ts";
import { answer } from "../../../src/router/answer-stage.ts";
import { ClientGone } from "../../../src/router/client-gone.ts";
import { ClientWriter } from "../../../src/router/client-writer.ts";
import type { Sent } from "../../../src/router/progress.ts";
import { sendStream } from "../../../src/router/send-stream.ts";
import type { RouteEntry } from "../../../src/table/index.ts";
import { answerFrames, frames } from "../../support/router-parts.ts";
import { watchful } from "../routing/sample-entries.ts";
import { FakeResponse } from "./fake-response.ts";
import { stage, type Staged } from "./stage.ts";
import { useFakeTimersWithoutStrayRejections } from "./no-stray-rejections.ts";

const text = (words: string): Frame => ({ type: "text", text: words });
const never = new Promise<never>(() => undefined);
const after = async (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

interface Sending extends Staged {
  response: FakeResponse;
  sent: Promise<Sent>;
}

/** Begins to send what the scripted stream gives. */
async function send(
  stream: () => AsyncIterable<Frame>,
  takes = true,
  fallback: Partial<RouteEntry["fallback"]> = {},
): Promise<Sending> {
  const staged = stage(
    { a: { stream }, b: { stream: () => frames() } },
    { stream: true, backend: { outlier: watchful }, fallback },
  );
  return sendAnswer(staged, takes);
}

async function sendAnswer(staged: Staged, takes = true): Promise<Sending> {
  const { routed, parts } = staged;
  const answered = await answer(routed, parts);
  const { answer: given } = answered;
  if (given.kind !== "stream") throw new Error("That was no stream");
  const response = new FakeResponse();
  response.takes = takes;
  const writer = new ClientWriter(response as unknown as ServerResponse, 1_000);
  const sent = sendStream({ ...answered, answer: given }, writer, parts);
  return { ...staged, response, sent };
}

const endings = ({ response }: Sending): string[] =>
  response.taken.match(/data: \[DONE\]|data: \{"error"/g) ?? [];

function expectNothingLeft({ gone, response }: Sending): void {
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(gone.signal, "abort")).toHaveLength(0);
  expect(response.waiting()).toBe(0);
}

useFakeTimersWithoutStrayRejections();

describe("sending a stream", () => {
  it("ends with [DONE] alone, and leaves nothing behind", async () => {
    const sending = await send(() => frames());
    expect(await sending.sent).toMatchObject({ status: 200, errorCode: null });
    expect(endings(sending)).toEqual(["data: [DONE]"]);
    expect(sending.response.taken.match(/"content":"[^"]+"/g)).toEqual([
      '"content":"Hel"',
      '"content":"lo"',
    ]);
    expect(sending.routed.attempts).toHaveLength(1);
    expectNothingLeft(sending);
  });

  it("sends a refusal whole that was kept for longer than its backend may take", async () => {
    const fails = async function* (): AsyncGenerator<Frame> {
      await after(4_000);
      yield await Promise.reject(new ProviderError("throttled", "By order"));
    };
    const refuses = () => frames([{ type: "finish", reason: "content_filter" }]);
    const staged = stage(
      { a: { stream: fails }, b: { stream: refuses } },
      {
        stream: true,
        backend: { timeouts: { connectMs: 100, firstTokenMs: 5_000, idleMs: 500, totalMs: 2_000 } },
        fallback: { hedge: { afterPercentile: 95, maxSharePercent: 50 }, totalTimeoutMs: 60_000 },
      },
    );
    const [sending] = await Promise.all([sendAnswer(staged), vi.advanceTimersByTimeAsync(4_000)]);
    expect(await sending.sent).toMatchObject({ status: 200, errorCode: null });
    expect(sending.response.taken).toContain('"finish_reason":"content_filter"');
    expect(endings(sending)).toEqual(["data: [DONE]"]);
    expect(staged.routed.attempts).toMatchObject([
      { kind: "first" },
      { kind: "hedge", error: null },
    ]);
    expectNothingLeft(sending);
  });

  it("leaves a provider whose answer is whole to itself, since it may wait for its end", async () => {
    const leave = vi.fn(async () => ({ done: true as const, value: undefined }));
    const watched = (given: AsyncGenerator<Frame>) => (): AsyncIterable<Frame> => ({
      [Symbol.asyncIterator]: () => ({ next: async () => given.next(), return: leave }),
    });
    await (
      await send(watched(frames()))
    ).sent;
    expect(leave).not.toHaveBeenCalled();
    const cut = async function* (): AsyncGenerator<Frame> {
      yield text("a");
      throw new ProviderError("stream_broken", "cut");
    };
    await (
      await send(watched(cut()))
    ).sent;
    expect(leave).toHaveBeenCalledTimes(1);
  });

  it.each<[string, () => AsyncGenerator<Frame>, string, number]>([
    [
      "breaks",
      async function* () {
        yield text("a");
        throw new ProviderError("stream_broken", "cut");
      },
      "stream_broken",
      0,
    ],
    [
      "throws what is no ProviderError",
      async function* () {
        yield text("a");
        throw new TypeError("oops");
      },
      "internal",
      0,
    ],
    [
      "ends without its terminal frame",
      async function* () {
        yield text("a");
      },
      "stream_broken",
      0,
    ],
    [
      "falls silent",
      async function* () {
        yield text("a");
        await never;
      },
      "stream_broken",
      500,
    ],
    [
      "falls silent after its terminal frame",
      async function* () {
        yield text("a");
        yield answerFrames[2]!;
        await never;
      },
      "stream_broken",
      500,
    ],
    [
      "never comes to an end",
      async function* () {
        for (;;) {
          yield text("a");
          await after(100);
        }
      },
      "timeout",
      2_000,
    ],
  ])("that %s ends with one error and no [DONE]", async (_what, stream, code, ms) => {
    const sending = await send(stream);
    const [settled] = await Promise.all([
      Promise.allSettled([sending.sent]),
      vi.advanceTimersByTimeAsync(60_000),
    ]);
    expect(settled[0].status).toBe("fulfilled");
    expect(endings(sending)).toEqual(['data: {"error"']);
    const [attempt, ...others] = sending.routed.attempts;
    expect(others).toEqual([]);
    expect(attempt?.error?.code).toBe(code);
    const took = (attempt?.endedAt ?? Infinity) - (attempt?.startedAt ?? 0);
    expect(took).toBeGreaterThanOrEqual(ms);
    expect(took).toBeLessThan(ms + 300);
    expectNothingLeft(sending);
  });

  it("sends nothing of what a provider yields after its time", async () => {
    let late = false;
    const sending = await send(async function* () {
      yield text("a");
      await after(5_000);
      late = true;
      yield text("too-late");
    });
    await Promise.all([sending.sent, vi.advanceTimersByTimeAsync(60_000)]);
    expect(late).toBe(true);
    expect(sending.response.taken).not.toContain("too-late");
    expect(endings(sending)).toHaveLength(1);
  });

  it("does not hold a slow client against the provider", async () => {
    const sending = await send(() => frames(), false);
    // Longer than the provider might be silent.
    await vi.advanceTimersByTimeAsync(900);
    expect(endings(sending)).toEqual([]);
    sending.response.takes = true;
    sending.response.emit("drain");
    expect((await sending.sent).errorCode).toBeNull();
    expect(endings(sending)).toEqual(["data: [DONE]"]);
    expectNothingLeft(sending);
  });

  it.each<[string, number, number, (sending: Sending) => void]>([
    ["the backend's own time is up, against the backend", 3_000, 1, () => undefined],
    ["the route's time is up, against nobody", 1_000, 0, () => undefined],
    [
      "time is up that a slow client took, against nobody",
      3_000,
      0,
      ({ response }) => {
        response.takes = false;
        setTimeout(() => {
          response.takes = true;
          response.emit("drain");
        }, 300);
      },
    ],
  ])("ends where %s", async (_what, totalTimeoutMs, failures, disturb) => {
    const endless = async function* () {
      for (;;) {
        yield text("a");
        await after(100);
      }
    };
    const sending = await send(endless, true, { totalTimeoutMs });
    disturb(sending);
    await Promise.all([sending.sent, vi.advanceTimersByTimeAsync(5_000)]);
    expect(sending.routed.attempts[0]?.error?.code).toBe("timeout");
    expect(sending.parts.health.describe("a").failuresInRow).toBe(failures);
    expectNothingLeft(sending);
  });

  it("is over when the client leaves", async () => {
    const sending = await send(async function* () {
      yield text("a");
      await never;
    });
    sending.gone.abort(new ClientGone());
    expect(await sending.sent).toMatchObject({ status: 200, errorCode: null });
    expect(sending.routed.attempts[0]).toMatchObject({ clientGone: true, error: null });
    expect(endings(sending)).toEqual([]);
    expectNothingLeft(sending);
  });

  it("gives up a client that takes nothing more", async () => {
    const sending = await send(async function* () {
      for (;;) {
        yield text("a");
        await after(10);
      }
    });
    sending.response.takes = false;
    await Promise.all([sending.sent, vi.advanceTimersByTimeAsync(1_500)]);
    expect(sending.response.destroyed).toBe(true);
    expect(sending.routed.attempts[0]).toMatchObject({ clientGone: true, error: null });
    expect(getEventListeners(sending.gone.signal, "abort")).toHaveLength(0);
  });
});
