import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { simulatedModels, startSimulator, type Simulator } from "../../../src/simulators/index.ts";
import { post } from "../../support/signed-request.ts";
import { nova } from "./aws-clients.ts";

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ speed: Infinity });
});

afterAll(() => simulator.close());

beforeEach(async () => {
  await ask("DELETE", "faults");
});

async function ask(method: string, resource: string, body?: unknown) {
  const sent = typeof body === "string" ? body : body === undefined ? null : JSON.stringify(body);
  const answer = await fetch(`${simulator.url}/_control/${resource}`, { method, body: sent });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const converse = () =>
  post({
    url: simulator.url,
    credentials: simulator.credentials,
    service: "bedrock",
    path: `/model/${encodeURIComponent(nova)}/converse`,
    body: JSON.stringify({ messages: [{ role: "user", content: [{ text: "Repeat: yes" }] }] }),
  });

test("a fault is added, acts, shows that it has, and is removed by its id", async () => {
  const added = await ask("POST", "faults", { model: nova, kind: "throttling" });
  expect(added.status).toBe(201);
  const [fault] = added.body["faults"] as [{ id: string }];
  expect((await converse()).error).toBe("ThrottlingException");
  expect((await ask("GET", "faults")).body).toEqual({
    faults: [{ model: nova, kind: "throttling", id: fault.id, applied: 1 }],
  });
  expect((await ask("DELETE", `faults/${fault.id}`)).body).toEqual({ removed: 1 });
  expect((await converse()).status).toBe(200);
  expect((await ask("DELETE", `faults/${fault.id}`)).status).toBe(404);
});

test("PUT replaces all faults, POST adds to them", async () => {
  const [first, second] = [
    { model: "*", kind: "cut" },
    { model: "*", kind: "empty" },
  ];
  await ask("POST", "faults", [first, second]);
  await ask("POST", "faults", { faults: [first] });
  expect((await ask("GET", "faults")).body["faults"]).toHaveLength(3);
  expect((await ask("PUT", "faults", [second])).status).toBe(200);
  expect((await ask("GET", "faults")).body["faults"]).toHaveLength(1);
});

describe("bad input gets a 400 that says what is wrong, and changes nothing", () => {
  const good = { model: "*", kind: "stall" };
  const cases: [body: unknown, words: string][] = [
    ["{", "The body is not valid JSON."],
    ["null", "Fault 1: A fault must be a JSON object."],
    [{ ...good, kind: "melt" }, 'Fault 1: "kind" must be one of throttling, '],
    [{ kind: "stall" }, 'Fault 1: "model" must be a text that is not empty.'],
    [{ ...good, share: 101 }, 'Fault 1: "share" must be a number from 0 to 100.'],
    [{ ...good, count: 0 }, 'Fault 1: "count" must be a whole number from 1 to 1000000.'],
    [{ ...good, delayMs: "9" }, 'Fault 1: "delayMs" must be a whole number'],
    [{ ...good, afterFrames: 1.5 }, 'Fault 1: "afterFrames" must be a whole number'],
    [
      { ...good, colour: "red" },
      'Fault 1: "colour" is no member of a fault; known are model, kind, ',
    ],
    [{ ...good, stopReason: "boredom" }, 'Fault 1: "stopReason" must be one of end_turn, '],
    [[good, { ...good, kind: 7 }], 'Fault 2: "kind" must be a text'],
  ];

  test.each(cases)("%j", async (body, words) => {
    const answer = await ask("POST", "faults", body);
    expect(answer.status).toBe(400);
    expect(answer.body["error"]).toContain(words);
    expect(simulator.faults.list()).toEqual([]);
  });

  test("what is not there, and what cannot be done there, are told apart", async () => {
    expect(await ask("GET", "weather")).toMatchObject({
      status: 404,
      body: { error: expect.stringContaining("/_control/faults") },
    });
    expect(await ask("PUT", "models")).toEqual({
      status: 405,
      body: { error: "models takes GET." },
    });
    expect((await ask("POST", "faults", "x".repeat(1_000_001))).status).toBe(413);
  });
});

test("calls and models are listed", async () => {
  await ask("DELETE", "calls");
  await converse();
  await converse();
  const calls = (await ask("GET", "calls?limit=1")).body["calls"];
  expect(calls).toEqual([
    expect.objectContaining({ model: nova, operation: "Converse", status: 200, aborted: false }),
  ]);
  expect((await ask("GET", "calls")).body["calls"]).toHaveLength(2);
  expect((await ask("GET", "models")).body["models"]).toEqual(simulatedModels);
});

describe("what AWS's front door refuses", () => {
  const at = (path: string, body: string, credentials = simulator.credentials) =>
    post({ url: simulator.url, credentials, service: "bedrock", path, body });

  test("a path that no operation has", async () => {
    const answer = await at("/model/x/dance", "{}");
    expect([answer.status, answer.error]).toEqual([404, "UnknownOperationException"]);
  });

  test("a body that is no JSON", async () => {
    const answer = await at(`/model/${nova}/converse`, "{");
    expect([answer.status, answer.error]).toEqual([400, "SerializationException"]);
  });

  test("wrong credentials, before anything is looked at", async () => {
    const answer = await at("/model/x/converse", "{", {
      accessKeyId: "NOBODY",
      secretAccessKey: "x",
    });
    expect([answer.status, answer.error]).toEqual([403, "UnrecognizedClientException"]);
    expect(answer.headers["x-amzn-requestid"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("a body larger than SageMaker takes", async () => {
    const send = (size: number) =>
      post({
        url: simulator.url,
        credentials: simulator.credentials,
        service: "sagemaker",
        path: "/endpoints/nowhere/invocations",
        body: Buffer.alloc(size, "x"),
      });
    expect([(await send(6_291_456)).error, (await send(6_291_457)).status]).toEqual([
      "ValidationError",
      413,
    ]);
  });
});
