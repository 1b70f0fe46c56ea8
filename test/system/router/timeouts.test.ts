import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../../src/simulators/index.ts";
import { backendOf, models, routeOf } from "../../support/local-resources.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { errorIn, onlyRecordOf, send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

/** Much longer than any bound below: who waits for a model's fault to pass fails the test. */
const farTooLong = 15_000;

let local: Local;

beforeAll(async () => {
  const chain = ["micro", "lite"];
  const patient = { connect: "400ms", firstToken: "8s", idle: "8s", total: "8s" };
  local = await startLocal({
    resources: [
      backendOf("micro", {
        timeouts: { connect: "400ms", firstToken: "400ms", idle: "500ms", total: "900ms" },
      }),
      backendOf("lite", {
        timeouts: { connect: "400ms", firstToken: "2s", idle: "500ms", total: "3s" },
      }),
      backendOf("llama", { timeouts: patient }),
      backendOf("pro", { timeouts: patient }),
      // Nobody listens there.
      backendOf("sonnet", { name: "nowhere", target: { endpoint: "http://127.0.0.1:9" } }),
      routeOf("two", chain),
      routeOf("alone", ["micro"]),
      routeOf("patient", ["llama"]),
      routeOf("bounded", ["llama", "pro"], { fallback: { totalTimeout: "700ms" } }),
      routeOf("unreachable", ["nowhere", "lite"]),
      routeOf("dark", ["nowhere"]),
    ],
  });
});

afterEach(() => local.heal());

afterAll(async () => local.stop());

const order = (model: keyof typeof models, fault: Omit<Fault, "model">) =>
  local.simulator.faults.set({ model: models[model], ...fault });

async function ask(model: string, more: object = {}, content = "repeat: here I am") {
  const began = performance.now();
  const got = await send(local, { body: chatOf(model, content, more) });
  const ms = performance.now() - began;
  const record = await onlyRecordOf(local, got.requestId);
  const told = record.attempts.map(
    ({ backend, kind, error_type: error }) => `${kind} ${backend} ${error ?? "ok"}`,
  );
  expect(ms).toBeLessThan(farTooLong);
  return { got, record, told, ms };
}

const lastCallOf = (model: keyof typeof models) =>
  local.simulator.calls().findLast((call) => call.model === models[model]);

describe("a stream whose first token is slow", () => {
  it("is answered by the next candidate, and cancelled upstream", async () => {
    order("micro", { kind: "slow-first-token", delayMs: 20_000 });
    const { got, told, record } = await ask("two", { stream: true });
    expect(told).toEqual(["first micro slow_first_token", "fallback lite ok"]);
    expect(got.headers["x-switchyard-reason"]).toBe("fallback:SlowFirstToken");
    expect(got.text).toMatch(/\[DONE\]\n\n$/);
    expect(record.attempts[0]?.ms).toBeGreaterThanOrEqual(390);
    expect(record.attempts[0]).toMatchObject({
      ttft_ms: null,
      status: null,
      frames: 0,
      token_source: "estimated",
    });
    await expect.poll(() => lastCallOf("micro")?.aborted).toBe(true);
  });

  it("gets a timeout where nobody else is left", async () => {
    order("micro", { kind: "slow-first-token", delayMs: 20_000 });
    const { got } = await ask("alone", { stream: true });
    expect(got.status).toBe(504);
    expect(errorIn(got)).toMatchObject({
      type: "timeout",
      code: "timeout",
      attempts: [{ backend: "micro", code: "slow_first_token" }],
    });
  });

  it("counts nothing but content for a first token", async () => {
    order("micro", { kind: "stall", afterFrames: 1, delayMs: 20_000 });
    const { told } = await ask("two", { stream: true });
    expect(told).toEqual(["first micro slow_first_token", "fallback lite ok"]);
  });
});

describe("a stream that stops in the middle", () => {
  it("ends with an error within the idle timeout, and without [DONE]", async () => {
    order("micro", { kind: "stall", afterFrames: 8, delayMs: 20_000 });
    const { got, record, told } = await ask("two", { stream: true }, "count from 1 to 200");
    expect(got.status).toBe(200);
    expect(got.text).not.toContain("[DONE]");
    const [, last] = /data: (\{"error":.*\})\n\n$/.exec(got.text)!;
    expect(JSON.parse(last!)).toMatchObject({
      error: { type: "server_error", code: "server_error" },
    });
    expect(told).toEqual(["first micro stream_broken"]);
    expect(record).toMatchObject({ error_type: "server_error", token_source: "estimated" });
    expect(record.cost_usd).toBeGreaterThan(0);
    await expect.poll(() => lastCallOf("micro")?.aborted).toBe(true);
  });
});

describe("a whole answer that does not come", () => {
  it("is given up after the backend's time, for the next candidate", async () => {
    order("micro", { kind: "stall", delayMs: 20_000 });
    const { told, got } = await ask("two");
    expect(told).toEqual(["first micro timeout", "fallback lite ok"]);
    expect(got.headers["x-switchyard-reason"]).toBe("fallback:Timeout");
    await expect.poll(() => lastCallOf("micro")?.aborted).toBe(true);
  });

  it("gets a timeout where nobody else is left", async () => {
    order("micro", { kind: "stall", delayMs: 20_000 });
    const { got } = await ask("alone");
    expect(got.status).toBe(504);
    expect(errorIn(got)).toMatchObject({ type: "timeout", code: "timeout" });
  });
});

describe("the route's total timeout", () => {
  it.each([false, true])("bounds all attempts together (streamed: %s)", async (stream) => {
    order("llama", { kind: "slow-first-token", delayMs: 20_000 });
    const { got, told, record } = await ask("bounded", { stream });
    expect(got.status).toBe(504);
    expect(told).toEqual(["first llama timeout"]);
    expect(record.latency_ms).toBeLessThan(5_000);
  });

  it("leaves the second candidate what the first has not used", async () => {
    order("llama", { kind: "throttling" });
    order("pro", { kind: "stall", delayMs: 20_000 });
    const { told, record, got } = await ask("bounded");
    expect(told).toEqual(["first llama throttled", "fallback pro timeout"]);
    expect(got.status).toBe(429);
    expect(record.latency_ms).toBeLessThan(5_000);
  });

  it("ends a stream that is under way", async () => {
    order("llama", { kind: "stall", afterFrames: 8, delayMs: 20_000 });
    const { got, record, told } = await ask("bounded", { stream: true }, "count from 1 to 200");
    expect(got.text).toContain('data: {"error":');
    expect(got.text).not.toContain("[DONE]");
    expect(told).toEqual(["first llama timeout"]);
    expect(record.latency_ms).toBeLessThan(5_000);
  });
});

describe("a backend that cannot be reached", () => {
  it.each([false, true])("is retried once, then left (streamed: %s)", async (stream) => {
    const { told, got } = await ask("unreachable", { stream });
    expect(told).toEqual([
      "first nowhere connection_failed",
      "retry nowhere connection_failed",
      "fallback lite ok",
    ]);
    expect(got.status).toBe(200);
  });

  it("is told without its address", async () => {
    const { got } = await ask("dark");
    expect(got.status).toBe(502);
    const { attempts, message } = errorIn(got);
    expect(message).toMatch(/connection/);
    expect(attempts).toHaveLength(2);
  });
});
