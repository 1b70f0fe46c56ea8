import { beforeEach, describe, expect, it } from "vitest";
import { makeLog, makeTelemetry, type Telemetry } from "../../../src/telemetry/index.ts";
import { makeObservation, makeRecord } from "../../support/observations.ts";

let telemetry: Telemetry;

beforeEach(async () => {
  telemetry = await makeTelemetry({
    serviceName: "switchyard-router",
    serviceVersion: "0.1.0",
    instance: "router-1",
    namespace: "shop",
    routerClass: "default",
    log: makeLog({ output: { write: () => {} } }),
  });
});

/** Objectives that were counted, each as how often it was kept and missed. */
async function counted(): Promise<Record<string, [kept: number, missed: number]>> {
  const found: Record<string, [number, number]> = {};
  const pattern =
    /^switchyard_objective_requests_total\{switchyard_route="support-chat",switchyard_objective="(\w+)",switchyard_objective_result="(\w+)"\} (\d+)$/gm;
  for (const [, objective = "", result, count] of (await telemetry.metricsText()).matchAll(pattern))
    (found[objective] ??= [0, 0])[result === "kept" ? 0 : 1] += Number(count);
  return found;
}

const within = { firstTokenP95Ms: 500, totalP95Ms: 2_000, maxMicroUsd: 100 };
const answered = { ttft_ms: 500, latency_ms: 2_000, cost_usd: 0.0001 };
const left = { client_aborted: true, status: 499, ttft_ms: null, latency_ms: 900 };

describe("what a route promises", () => {
  it.each([
    ["is kept at its bounds", answered, { first_token: [1, 0], total: [1, 0], cost: [1, 0] }],
    ["is missed by a late first token", { ...answered, ttft_ms: 501 }, { first_token: [0, 1] }],
    ["is missed by a late end", { ...answered, latency_ms: 2_001 }, { total: [0, 1] }],
    ["is missed by a dear answer", { ...answered, cost_usd: 0.000101 }, { cost: [0, 1] }],
    ["is missed where a client left later than promised", left, { first_token: [0, 1] }],
  ] as const)("%s", async (_, record, expected) => {
    telemetry.observe(makeObservation({ record: makeRecord(record), objectives: within }));
    expect(await counted()).toMatchObject(expected);
  });

  it.each([
    ["who left sooner than it could be missed", { ...left, latency_ms: 400 }, within],
    [
      "what failed, which counts as that",
      { status: 502, ttft_ms: null, latency_ms: 9_000 },
      within,
    ],
    ["a route without an envelope", answered, {}],
    ["a request that found no route", { ...answered, route: null }, within],
  ])("says nothing of %s", async (_, record, objectives) => {
    telemetry.observe(makeObservation({ record: makeRecord(record), objectives }));
    expect(await counted()).toEqual({});
  });

  it("has no first token to keep where an answer is not streamed", async () => {
    const record = makeRecord({ ...answered, streaming: false, ttft_ms: null });
    telemetry.observe(makeObservation({ record, objectives: within }));
    expect(await counted()).toEqual({ total: [1, 0], cost: [1, 0] });
  });

  it("is shown as a gauge, with what vouches for quality", async () => {
    telemetry.watchPromises(() => [
      { route: "chat", objective: "first_token", value: 1.5 },
      { route: "chat", objective: "quality", value: 0.9, assurance: "certified" },
    ]);
    const lines = (await telemetry.metricsText()).split("\n");
    expect(lines.filter((line) => line.startsWith("switchyard_route_objective{"))).toEqual([
      'switchyard_route_objective{switchyard_route="chat",switchyard_objective="first_token"} 1.5',
      'switchyard_route_objective{switchyard_route="chat",switchyard_objective="quality",switchyard_assurance="certified"} 0.9',
    ]);
  });
});
