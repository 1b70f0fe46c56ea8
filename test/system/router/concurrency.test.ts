import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { backendOf, models, routeOf, type LocalResource } from "../../support/local-resources.ts";
import { chatOf, RawConnection, rawRequest } from "../../support/raw-connection.ts";
import { errorIn, onlyRecordOf, send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

let local: Local;

const timeouts = { connect: "400ms", firstToken: "600ms", idle: "20s", total: "60s" };
const micro = (concurrency: object) => backendOf("micro", { concurrency, timeouts });
const resources = (bounded: LocalResource) => [
  bounded,
  backendOf("lite"),
  backendOf("llama", { concurrency: { max: 1, maxQueued: 2 }, timeouts }),
  routeOf("two", ["micro", "lite"]),
  routeOf("alone", ["micro"]),
  routeOf("queue", ["llama"]),
];

beforeAll(async () => {
  local = await startLocal({ resources: resources(micro({ max: 2 })) });
});

afterEach(async () => {
  local.heal();
  await expect.poll(openCalls).toEqual(0);
});

afterAll(async () => local.stop());

interface Live {
  backend: string;
  in_flight: number;
  queued: number;
}

async function live(backend: string): Promise<Live | undefined> {
  const table = (await (await fetch(`${local.adminUrl}/table`)).json()) as { live: Live[] };
  return table.live.find((each) => each.backend === backend);
}

async function openCalls(): Promise<number> {
  const table = (await (await fetch(`${local.adminUrl}/table`)).json()) as { live: Live[] };
  return table.live.reduce((sum, each) => sum + each.in_flight + each.queued, 0);
}

/** A stream that has shown its first content and goes on no further. */
async function hold(model: string): Promise<RawConnection> {
  const raw = await RawConnection.open(local);
  raw.write(rawRequest(chatOf(model, "count from 1 to 50", { stream: true })));
  await raw.contains("data: ");
  return raw;
}

const stall = (model: keyof typeof models) =>
  local.simulator.faults.set({
    model: models[model],
    kind: "stall",
    afterFrames: 2,
    delayMs: 60_000,
  });

async function ask(model: string, stream = false) {
  const got = await send(local, { body: chatOf(model, "repeat: here I am", { stream }) });
  const record = await onlyRecordOf(local, got.requestId);
  const attempts = record.attempts.map(
    ({ backend, error_type: error }) => `${backend} ${error ?? "ok"}`,
  );
  return { got, record, attempts };
}

describe("a backend with as many streams open as it may have", () => {
  it("is passed over without an attempt, and has room again as soon as one of them ends", async () => {
    stall("micro");
    const held = [await hold("alone"), await hold("alone")];
    expect(await live("micro")).toMatchObject({ in_flight: 2, queued: 0 });
    const { attempts, record } = await ask("two");
    expect(attempts).toEqual(["lite ok"]);
    expect(record.estimates.map(({ dropped }) => dropped)).toEqual(["full", null]);
    local.simulator.faults.clear();
    held[0]?.leave();
    await expect.poll(async () => (await ask("two")).attempts).toEqual(["micro ok"]);
    held[1]?.leave();
  });

  it("answers nobody else where it is the only candidate: 429 at once, and no call", async () => {
    stall("micro");
    const held = [await hold("alone"), await hold("alone")];
    const calls = local.simulator.calls().length;
    const { got, attempts, record } = await ask("alone", true);
    expect(got.status).toBe(429);
    expect(got.headers["retry-after"]).toBe("1");
    expect(errorIn(got)).toMatchObject({
      code: "rate_limit_exceeded",
      attempts: [{ backend: "micro", code: "backend_busy" }],
    });
    expect(attempts).toEqual(["micro backend_busy"]);
    expect(record).toMatchObject({ cost_usd: 0, tokens: null });
    expect(local.simulator.calls()).toHaveLength(calls);
    for (const each of held) each.leave();
  });

  it("takes more as soon as a new table says so, and never loses count", async () => {
    stall("micro");
    const held = [await hold("alone"), await hold("alone")];
    const loads = local.refreshes.length;
    await local.write(resources(micro({ max: 3 })));
    await local.refreshed(({ problems }) => problems.length === 0, loads);
    held.push(await hold("alone"));
    expect(await live("micro")).toMatchObject({ in_flight: 3 });
    expect((await ask("alone")).got.status).toBe(429);
    await local.write(resources(micro({ max: 2 })));
    await local.refreshed(({ problems }) => problems.length === 0, loads + 1);
    held.pop()?.leave();
    await expect.poll(async () => (await live("micro"))?.in_flight).toBe(2);
    expect((await ask("alone")).got.status).toBe(429);
    for (const each of held) each.leave();
  });
});

describe("a queue before a backend", () => {
  it("serves those that come while it has room, and refuses those that come beyond", async () => {
    stall("llama");
    const held = await hold("queue");
    const waiting = [ask("queue"), ask("queue")];
    await expect.poll(async () => (await live("llama"))?.queued).toBe(2);
    const metrics = await (await fetch(`${local.adminUrl}/metrics`)).text();
    expect(metrics).toContain('switchyard_backend_queued{switchyard_backend="llama"} 2');
    expect(metrics).toContain('switchyard_backend_calls{switchyard_backend="llama"} 1');
    expect((await ask("queue")).got.status).toBe(429);
    local.simulator.faults.clear();
    held.leave();
    for (const { got, attempts } of await Promise.all(waiting)) {
      expect([got.status, attempts]).toEqual([200, ["llama ok"]]);
    }
  });

  it("lets nobody wait longer than for a first token", async () => {
    stall("llama");
    const held = await hold("queue");
    const waiting = ask("queue", true);
    await expect.poll(async () => (await live("llama"))?.queued).toBe(1);
    const { got, attempts, record } = await waiting;
    expect([got.status, attempts]).toEqual([429, ["llama backend_busy"]]);
    expect(record.attempts[0]?.ms).toBeGreaterThanOrEqual(590);
    held.leave();
  });

  it("forgets a client that leaves", async () => {
    stall("llama");
    const held = await hold("queue");
    const raw = await RawConnection.open(local);
    const calls = local.simulator.calls().length;
    raw.write(rawRequest(chatOf("queue", "Hello", { stream: true })));
    await expect.poll(async () => (await live("llama"))?.queued).toBe(1);
    raw.leave();
    await expect.poll(async () => (await live("llama"))?.queued).toBe(0);
    expect(local.simulator.calls()).toHaveLength(calls);
    held.leave();
  });
});
