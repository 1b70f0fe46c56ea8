import { setTimeout as pause } from "node:timers/promises";
import type OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { simulatedModels, type Fault } from "../../../src/simulators/index.ts";
import { backendOf, models, routeOf } from "../../support/local-resources.ts";
import { errorOf, openAiClient } from "../../support/openai-client.ts";
import { chatOf, RawConnection, rawRequest } from "../../support/raw-connection.ts";
import { send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const clientStallMs = 5_000;
const idleMs = 1_000;
const roomy = { contextWindow: 2_000_000, maxOutputTokens: 1_000_000 };

let local: Local;
let client: OpenAI;

beforeAll(async () => {
  local = await startLocal({
    settings: { clientStallMs },
    models: simulatedModels.map((each) => (each.id === models.pro ? { ...each, ...roomy } : each)),
    resources: [
      backendOf("micro"),
      backendOf("sonnet"),
      backendOf("pro", { name: "talker", ...roomy, timeouts: { idle: `${idleMs}ms` } }),
      routeOf("two", ["micro", "sonnet"]),
      routeOf("long", ["talker"]),
    ],
  });
  client = openAiClient(local);
});

afterEach(() => local.heal());

afterAll(async () => local.stop());

const order = (fault: Omit<Fault, "model">) => local.simulator.faults.set({ model: "*", ...fault });
const lastCall = () => local.simulator.calls().at(-1);

async function failureShareOf(backend: string): Promise<number | undefined> {
  const table = await fetch(`${local.adminUrl}/table`);
  const { live } = (await table.json()) as { live: { backend: string; failure_share: number }[] };
  return live.find((each) => each.backend === backend)?.failure_share;
}

const counting = { messages: [{ role: "user" as const, content: "count from 1 to 500" }] };

describe("a client that leaves", () => {
  it.each([
    ["a whole answer", false],
    ["a stream", true],
  ])("before the first byte of %s cancels the call and causes no other", async (_what, stream) => {
    order({ kind: "slow-first-token", delayMs: 30_000 });
    const next = local.records.next();
    const calls = local.simulator.calls().length;
    const leaving = new AbortController();
    const asked = client.chat.completions.create(
      { model: "two", ...counting, stream },
      { signal: leaving.signal },
    );
    await expect.poll(() => local.simulator.calls().length).toBe(calls + 1);
    leaving.abort();
    await errorOf(asked);
    expect(await next).toMatchObject({
      status: 499,
      error_type: "client_closed_request",
      client_aborted: true,
      level: "warn",
      bytes_out: 0,
      ttft_ms: null,
      fallback_reason: null,
      attempts: [{ backend: "micro", error_type: "client_closed_request", status: null }],
    });
    await expect.poll(lastCall).toMatchObject({ aborted: true });
    expect(local.simulator.calls()).toHaveLength(calls + 1);
    expect(await failureShareOf("micro")).toBe(0);
  });

  it("in the middle of a stream cancels it, and pays for what had come", async () => {
    order({ kind: "stall", afterFrames: 40, delayMs: 30_000 });
    const next = local.records.next();
    const stream = await client.chat.completions.create({
      model: "two",
      ...counting,
      stream: true,
    });
    let chunks = 0;
    for await (const chunk of stream) {
      chunks += chunk.choices.length;
      if (chunks === 20) break;
    }
    const record = await next;
    expect(record).toMatchObject({
      status: 200,
      error_type: "client_closed_request",
      client_aborted: true,
      level: "warn",
      token_source: "estimated",
      streaming: true,
      attempts: [{ backend: "micro", error_type: "client_closed_request" }],
    });
    expect(record.tokens?.in).toBeGreaterThan(0);
    expect(record.tokens?.out).toBeGreaterThan(5);
    expect(record.cost_usd).toBeGreaterThan(0);
    expect(record.bytes_out).toBeGreaterThan(0);
    await expect.poll(lastCall).toMatchObject({ aborted: true });
    const { outputTokensSent } = lastCall()!;
    expect(record.tokens?.out).toBeLessThanOrEqual(outputTokensSent + 1);
    expect(await failureShareOf("micro")).toBe(0);
  });

  it("during the wait before a retry ends it at once", async () => {
    order({ kind: "service-unavailable", retryAfterSeconds: 25 });
    const next = local.records.next();
    const calls = local.simulator.calls().length;
    const raw = await RawConnection.open(local);
    raw.write(rawRequest(chatOf("long", "Hello")));
    await expect.poll(() => local.simulator.calls().length).toBe(calls + 1);
    raw.leave();
    expect(await next).toMatchObject({ status: 499, client_aborted: true });
    expect(local.simulator.calls()).toHaveLength(calls + 1);
  });

  it("leaves nothing behind in what is under way", async () => {
    const metrics = await (await fetch(`${local.adminUrl}/metrics`)).text();
    const [, active] = /^switchyard_requests_active\S* (\d+)$/m.exec(metrics)!;
    expect(active).toBe("0");
  });
});

// More events than all the buffers of two connections hold.
const endless = rawRequest(chatOf("long", "count from 1 to 99999", { stream: true }));
const long = rawRequest(chatOf("long", "count from 1 to 20000", { stream: true }));

/** A client in the middle of a stream that has stopped reading. */
async function stopReading(request: string): Promise<RawConnection> {
  const raw = await RawConnection.open(local);
  raw.write(request);
  await raw.contains("data: ");
  raw.socket.pause();
  return raw;
}

describe("a client that reads slowly", () => {
  it("holds the model back rather than fill the router, and blames it for no silence", async () => {
    const before = process.memoryUsage.rss();
    const raw = await stopReading(endless);
    const { requestId } = lastCall()!;
    const held = () => local.simulator.calls().find((call) => call.requestId === requestId)!;
    // Nothing more is sent for longer than the backend may be silent.
    let sent = -1;
    let sameFor = 0;
    const quietFor = () => {
      const { framesSent } = held();
      sameFor = framesSent === sent ? sameFor + 1 : 0;
      sent = framesSent;
      return sameFor;
    };
    await expect.poll(quietFor, { interval: idleMs / 4, timeout: 15_000 }).toBe(5);
    expect(held().finished).toBe(false);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200_000_000);
    const other = await send(local, { body: chatOf("long", "repeat: nobody else waits") });
    expect(other.status).toBe(200);
    raw.socket.resume();
    await expect.poll(() => held().framesSent, { timeout: 15_000 }).toBeGreaterThan(sent + 100);
    expect(raw.received).not.toContain('{"error":');
    raw.leave();
  });

  it("gets all of its answer in the end", async () => {
    const raw = await stopReading(long);
    await pause(idleMs * 1.5);
    raw.socket.resume();
    const { text, requestId } = await raw.answer();
    raw.leave();
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
    const record = await local.records.of(requestId);
    expect(record).toMatchObject({
      error_type: null,
      client_aborted: false,
      bytes_out: Buffer.byteLength(text),
    });
  });

  it("counts as gone when it takes nothing for too long, which no backend is blamed for", async () => {
    const next = local.records.next();
    const share = await failureShareOf("talker");
    const raw = await stopReading(endless);
    expect(await next).toMatchObject({
      status: 200,
      error_type: "client_closed_request",
      client_aborted: true,
      token_source: "estimated",
      attempts: [{ backend: "talker", error_type: "client_closed_request" }],
    });
    await expect.poll(lastCall).toMatchObject({ aborted: true });
    expect(await failureShareOf("talker")).toBeLessThanOrEqual(share!);
    raw.socket.resume();
    await raw.end();
  });
});
