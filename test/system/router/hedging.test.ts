// Hedges against backends that are slow on the wire, and the client's and the provider's side of each.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../../src/simulators/index.ts";
import { backendOf, models, routeOf } from "../../support/local-resources.ts";
import { errorOf, openAiClient } from "../../support/openai-client.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { onlyRecordOf, send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

let local: Local;

beforeAll(async () => {
  // Hedged after 150 ms by what is declared, since a few answers of this test outweigh nothing.
  const expectations = { firstTokenP95: "150ms", tokensPerSecond: 100_000 };
  const timeouts = { connect: "2s", firstToken: "10s", idle: "5s", total: "20s" };
  const hedge = { afterPercentile: 95, maxSharePercent: 100 };
  local = await startLocal({
    resources: [
      backendOf("micro", { expectations, timeouts }),
      backendOf("lite", { expectations, timeouts }),
      backendOf("micro", {
        name: "hasty",
        expectations,
        timeouts: { connect: "400ms", firstToken: "500ms", idle: "500ms", total: "600ms" },
      }),
      routeOf("two", ["micro", "lite"], { fallback: { hedge } }),
      routeOf("hasty", ["hasty", "lite"], { fallback: { hedge } }),
    ],
  });
});

afterEach(() => local.heal());

afterAll(async () => local.stop());

type Slow = Partial<Record<"micro" | "lite", number>>;

/** Lets each model begin its answers so many milliseconds late. */
function slow(delays: Slow): void {
  const faults: Fault[] = Object.entries(delays).map(([model, delayMs]) => ({
    model: models[model as keyof Slow],
    kind: "slow-first-token",
    delayMs,
  }));
  for (const fault of faults) local.simulator.faults.set(fault);
}

async function ask(model: string, stream: boolean) {
  const got = await send(local, { body: chatOf(model, "repeat: here I am", { stream }) });
  const record = await onlyRecordOf(local, got.requestId);
  const told = record.attempts.map(
    ({ backend, kind, error_type: error }) => `${kind} ${backend} ${error ?? "ok"}`,
  );
  expect(got.status).toBe(200);
  expect(got.text.includes("here")).toBe(true);
  if (stream) expect(got.text).toMatch(/\[DONE\]\n\n$/);
  return { got, record, told };
}

const lastCallOf = (model: keyof typeof models) =>
  local.simulator.calls().findLast((call) => call.model === models[model]);

describe.each([true, false])("a request on a hedged route (stream: %s)", (stream) => {
  it("is answered once where all is well", async () => {
    const { told } = await ask("two", stream);
    expect(told).toEqual(["first micro ok"]);
  });

  it("is answered by the hedge where the first is slow, which is cancelled upstream and charged", async () => {
    slow({ micro: 8_000 });
    const { got, record, told } = await ask("two", stream);
    expect(told).toEqual(["first micro superseded", "hedge lite ok"]);
    expect(got.headers).toMatchObject({
      "x-switchyard-backend": "lite",
      "x-switchyard-attempts": "2",
      "x-switchyard-reason": "hedge",
    });
    const [loser, winner] = record.attempts;
    expect(loser).toMatchObject({ token_source: "estimated", ttft_ms: null });
    expect(loser?.tokens?.in).toBeGreaterThan(0);
    expect(winner).toMatchObject({ token_source: "provider" });
    expect(record.cost_usd).toBeCloseTo((loser?.cost_usd ?? 0) + (winner?.cost_usd ?? 0), 12);
    expect(record).toMatchObject({
      response_model: models.lite,
      fallback_reason: null,
      level: "info",
      token_source: "estimated",
    });
    // Both ran at once: their time counts once.
    expect(record.upstream_latency_ms).toBeLessThanOrEqual(record.latency_ms);
    await expect.poll(() => lastCallOf("micro")?.aborted).toBe(true);
    expect(lastCallOf("lite")?.aborted).toBe(false);
  });

  it("is answered by the first where the hedge is slower still", async () => {
    slow({ micro: 700, lite: 8_000 });
    const { got, record, told } = await ask("two", stream);
    expect(told).toEqual(["first micro ok", "hedge lite superseded"]);
    expect(got.headers["x-switchyard-backend"]).toBe("micro");
    expect(record).toMatchObject({ response_model: models.micro, fallback_reason: null });
    await expect.poll(() => lastCallOf("lite")?.aborted).toBe(true);
  });

  it("goes on with the hedge where the first fails", async () => {
    slow({ micro: 8_000, lite: 900 });
    const { got, record, told } = await ask("hasty", stream);
    const [code, reason] = stream ? ["slow_first_token", "SlowFirstToken"] : ["timeout", "Timeout"];
    expect(told).toEqual([`first hasty ${code}`, "hedge lite ok"]);
    expect(record.fallback_reason).toBe(reason);
    expect(got.headers["x-switchyard-reason"]).toBe(`fallback:${reason}`);
  });

  it("has both calls cancelled upstream when its client leaves", async () => {
    slow({ micro: 20_000, lite: 20_000 });
    const calls = local.simulator.calls().length;
    const next = local.records.next();
    const leaving = new AbortController();
    const asked = openAiClient(local).chat.completions.create(
      { model: "two", messages: [{ role: "user", content: "repeat: here I am" }], stream },
      { signal: leaving.signal },
    );
    await expect.poll(() => local.simulator.calls().length).toBe(calls + 2);
    leaving.abort();
    await errorOf(asked);
    const record = await next;
    expect(record).toMatchObject({ status: 499, client_aborted: true });
    expect(record.attempts.map(({ kind, error_type }) => [kind, error_type])).toEqual([
      ["first", "client_closed_request"],
      ["hedge", "client_closed_request"],
    ]);
    await expect
      .poll(() =>
        local.simulator
          .calls()
          .slice(calls)
          .map(({ aborted }) => aborted),
      )
      .toEqual([true, true]);
  });
});

describe("/metrics", () => {
  it("counts hedges by what became of them", async () => {
    const metrics = await (await fetch(`${local.adminUrl}/metrics`)).text();
    const hedges = metrics.split("\n").filter((line) => line.startsWith("switchyard_hedges_total"));
    const outcomes = hedges.map((line) => /hedge_outcome="([a-z]+)"/.exec(line)?.[1]);
    expect(new Set(outcomes)).toEqual(new Set(["won", "lost", "aborted"]));
  });
});
