import { ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import {
  InvokeEndpointCommand,
  InvokeEndpointWithResponseStreamCommand,
} from "@aws-sdk/client-sagemaker-runtime";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import {
  startSimulator,
  type Fault,
  type FaultKind,
  type Simulator,
} from "../../../src/simulators/index.ts";
import { decodeFrames } from "../../support/frame-decoder.ts";
import { openPost, post } from "../../support/signed-request.ts";
import {
  awsClients,
  chatEndpoint,
  drain,
  eventually,
  nova,
  textOf,
  userSays,
} from "./aws-clients.ts";

let simulator: Simulator;
let clients: ReturnType<typeof awsClients>;

beforeAll(async () => {
  simulator = await startSimulator({ speed: Infinity });
  clients = awsClients(simulator.url, simulator.credentials);
});

afterEach(() => {
  simulator.faults.clear();
});

afterAll(() => simulator.close());

const lastCall = () => simulator.calls().at(-1);
const messages = userSays("Count from 1 to 60");
const converse = () => clients.bedrock.send(new ConverseCommand({ modelId: nova, messages }));
// The SDK reads the first frame before it hands out the stream, so an exception there is thrown by
// send itself: both count as one here.
const stream = () =>
  drain(
    (async function* () {
      const answer = await clients.bedrock.send(
        new ConverseStreamCommand({ modelId: nova, messages }),
      );
      yield* answer.stream ?? [];
    })(),
  );
const chatBody = JSON.stringify({
  messages: [{ role: "user", content: "Count from 1 to 60" }],
  stream: true,
});
const chatInput = { EndpointName: chatEndpoint, ContentType: "application/json", Body: chatBody };
const chatStream = () =>
  drain(
    (async function* () {
      const answer = await clients.sagemaker.send(
        new InvokeEndpointWithResponseStreamCommand(chatInput),
      );
      yield* answer.Body ?? [];
    })(),
  );

describe("errors in place of an answer, as the SDK names them", () => {
  const cases: [kind: FaultKind, bedrock: [string, number], sagemaker: [string, number]][] = [
    ["throttling", ["ThrottlingException", 429], ["ThrottlingException", 429]],
    ["internal-error", ["InternalServerException", 500], ["InternalFailure", 500]],
    ["service-unavailable", ["ServiceUnavailableException", 503], ["ServiceUnavailable", 503]],
    ["model-error", ["ModelErrorException", 424], ["ModelError", 424]],
    ["model-not-ready", ["ModelNotReadyException", 429], ["ModelNotReadyException", 429]],
    ["model-timeout", ["ModelTimeoutException", 408], ["ModelError", 424]],
    ["access-denied", ["AccessDeniedException", 403], ["AccessDeniedException", 403]],
    ["expired-token", ["ExpiredTokenException", 403], ["ExpiredTokenException", 403]],
    ["validation-error", ["ValidationException", 400], ["ValidationError", 400]],
    ["resource-not-found", ["ResourceNotFoundException", 404], ["ValidationError", 400]],
    ["service-quota", ["ServiceQuotaExceededException", 400], ["ThrottlingException", 429]],
  ];

  test.each(cases)("%s", async (kind, bedrock, sagemaker) => {
    simulator.faults.set({ model: "*", kind });
    const expected = ([name, httpStatusCode]: [string, number]) => ({
      name,
      $metadata: { httpStatusCode },
    });
    await expect(converse()).rejects.toMatchObject(expected(bedrock));
    expect((await stream()).thrown).toMatchObject(expected(bedrock));
    await expect(
      clients.sagemaker.send(new InvokeEndpointCommand(chatInput)),
    ).rejects.toMatchObject(expected(sagemaker));
    expect(lastCall()).toMatchObject({
      fault: kind,
      error: sagemaker[0],
      status: sagemaker[1],
      framesSent: 0,
    });
  });

  test("Retry-After is sent when asked for, and not otherwise", async () => {
    const ask = () =>
      post({
        url: simulator.url,
        credentials: simulator.credentials,
        service: "bedrock",
        path: `/model/${encodeURIComponent(nova)}/converse`,
        body: "{}",
      });
    simulator.faults.set({ model: nova, kind: "throttling", retryAfterSeconds: 7, count: 1 });
    expect((await ask()).headers["retry-after"]).toBe("7");
    simulator.faults.set({ model: nova, kind: "throttling" });
    const answer = await ask();
    expect([answer.status, answer.headers["retry-after"]]).toEqual([429, undefined]);
  });

  test("a container's own status and a text of one's own are passed on", async () => {
    simulator.faults.set({
      model: chatEndpoint,
      kind: "model-error",
      originalStatusCode: 413,
      message: "too much",
    });
    await expect(
      clients.sagemaker.send(new InvokeEndpointCommand(chatInput)),
    ).rejects.toMatchObject({ OriginalStatusCode: 413, OriginalMessage: "too much" });
  });
});

describe("faults of streams", () => {
  test("a wrong checksum stops the SDK at that frame", async () => {
    simulator.faults.set({ model: "*", kind: "bad-crc", afterFrames: 2 });
    const { events, thrown } = await stream();
    expect(thrown?.message).toContain("checksum");
    expect(events).toHaveLength(2);
  });

  test("a cut destroys the connection inside a frame", async () => {
    simulator.faults.set({ model: "*", kind: "cut", afterFrames: 4 });
    const { thrown } = await stream();
    expect(thrown?.message).toContain("aborted");
    expect(lastCall()).toMatchObject({ framesSent: 4, aborted: true, finished: true });
  });

  test.each([0, 5])(
    "an exception comes after %i frames, named as the service model names it",
    async (afterFrames) => {
      simulator.faults.set({
        model: "*",
        kind: "exception-frame",
        afterFrames,
        exception: "throttlingException",
      });
      const { events, thrown } = await stream();
      expect(thrown?.name).toBe("ThrottlingException");
      expect(events).toHaveLength(afterFrames);
    },
  );

  test("the default exception carries what the model answered", async () => {
    simulator.faults.set({ model: "*", kind: "exception-frame", originalStatusCode: 502 });
    expect((await stream()).thrown).toMatchObject({
      name: "ModelStreamErrorException",
      originalStatusCode: 502,
    });
    expect((await chatStream()).thrown).toMatchObject({
      name: "ModelStreamError",
      ErrorCode: "StreamBroken",
    });
  });

  test("an unmodelled error frame throws as well", async () => {
    simulator.faults.set({ model: "*", kind: "error-frame", message: "boom", afterFrames: 1 });
    expect((await stream()).thrown?.message).toContain("boom");
  });

  test("a clean end without messageStop looks like success to the SDK", async () => {
    simulator.faults.set({ model: "*", kind: "clean-end", afterFrames: 3 });
    const { events, thrown } = await stream();
    expect(thrown).toBeUndefined();
    expect(events.map((event) => Object.keys(event)[0])).toEqual([
      "messageStart",
      "contentBlockDelta",
      "contentBlockDelta",
    ]);
  });

  test("a stream too short for its fault meets it at its last frame", async () => {
    simulator.faults.set({ model: "*", kind: "clean-end", afterFrames: 90_000 });
    const { events } = await stream();
    expect(events.at(-1)).toHaveProperty("messageStop");
    simulator.faults.clear();
    simulator.faults.set({ model: "*", kind: "exception-frame", afterFrames: 90_000 });
    expect((await chatStream()).thrown?.name).toBe("ModelStreamError");
  });

  test("an event that the service model does not know stands between the others", async () => {
    simulator.faults.set({ model: "*", kind: "unknown-event", afterFrames: 2 });
    const { body } = await post({
      url: simulator.url,
      credentials: simulator.credentials,
      service: "bedrock",
      path: `/model/${encodeURIComponent(nova)}/converse-stream`,
      body: JSON.stringify({ messages }),
    });
    const types = decodeFrames(body).map(({ headers }) => headers[":event-type"]);
    expect(types.slice(0, 4)).toEqual([
      "messageStart",
      "contentBlockDelta",
      "modelMoodChange",
      "contentBlockDelta",
    ]);
    expect(types.at(-1)).toBe("metadata");
    expect(textOf((await stream()).events)).toMatch(/^1, 2.* 60$/);
  });

  test("an empty 200 has no byte in its body", async () => {
    simulator.faults.set({ model: "*", kind: "empty" });
    expect(await stream()).toEqual({ events: [] });
    expect(lastCall()).toMatchObject({ status: 200, bytesSent: 0, finished: true });
  });

  test("a stall holds the stream for its time and then goes on", async () => {
    simulator.faults.set({ model: "*", kind: "stall", afterFrames: 3, delayMs: 150 });
    const startedAt = performance.now();
    const { events } = await stream();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(149);
    expect(textOf(events)).toMatch(/^1, 2.* 60$/);
  });

  test("a slow first token is slow in real time, at any speed", async () => {
    simulator.faults.set({ model: "*", kind: "slow-first-token", delayMs: 120 });
    const startedAt = performance.now();
    await converse();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(119);
  });
});

describe("faults of the connection", () => {
  test("a reset comes before a byte of the answer", async () => {
    simulator.faults.set({ model: "*", kind: "reset" });
    await expect(converse()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect((await stream()).thrown).toMatchObject({ code: "ECONNRESET" });
    expect(lastCall()).toMatchObject({ status: 0, bytesSent: 0, aborted: true, finished: true });
  });

  test("a trickle brings the same answer, byte by byte", async () => {
    const whole = await converse();
    simulator.faults.set({ model: "*", kind: "trickle", delayMs: 1 });
    expect((await converse()).output).toEqual(whole.output);
    const { events } = await stream();
    expect(textOf(events)).toMatch(/^1, 2.* 60$/);
    expect(lastCall()).toMatchObject({ fault: "trickle", finished: true });
  });
});

describe("faults of whole answers", () => {
  test("a cut leaves half a body", async () => {
    simulator.faults.set({ model: "*", kind: "cut" });
    await expect(converse()).rejects.toThrow("aborted");
  });

  test("an answer without content, and any stop reason, can be had", async () => {
    simulator.faults.set({ model: "*", kind: "empty-content", count: 1 });
    expect((await converse()).output?.message?.content).toEqual([]);
    simulator.faults.set({ model: "*", kind: "stop-reason", stopReason: "malformed_tool_use" });
    expect((await converse()).stopReason).toBe("malformed_tool_use");
  });
});

describe("who meets a fault", () => {
  test("only the model that is named, by its id or by the name that was sent", async () => {
    simulator.faults.set({ model: "us.amazon.nova-pro-v1:0", kind: "throttling" });
    await expect(converse()).resolves.toBeDefined();
    const profile = new ConverseCommand({ modelId: "us.amazon.nova-pro-v1:0", messages });
    await expect(clients.bedrock.send(profile)).rejects.toThrow("Too many requests");
    simulator.faults.clear();
    simulator.faults.set({ model: nova, kind: "throttling" });
    await expect(clients.bedrock.send(profile)).rejects.toThrow("Too many requests");
  });

  test("as many calls as its count, then no more", async () => {
    simulator.faults.set({ model: "*", kind: "throttling", count: 2 });
    const outcomes = await Promise.allSettled([converse(), converse(), converse()]);
    expect(outcomes.filter((outcome) => outcome.status === "rejected")).toHaveLength(2);
  });
});

describe("a client that leaves", () => {
  test("is noticed while the stream stands still, with the tokens that it had got", async () => {
    const fault: Fault = { model: "*", kind: "stall", afterFrames: 6 };
    simulator.faults.set(fault);
    const leaving = new AbortController();
    const answer = await clients.bedrock.send(
      new ConverseStreamCommand({ modelId: nova, messages }),
      { abortSignal: leaving.signal },
    );
    const events: unknown[] = [];
    const reading = (async () => {
      for await (const event of answer.stream ?? []) events.push(event);
    })().catch(() => undefined);
    expect(await eventually(() => events.length === 6)).toBe(true);
    expect(lastCall()).toMatchObject({ finished: false, aborted: false });
    leaving.abort();
    await reading;
    expect(await eventually(() => lastCall()?.finished === true)).toBe(true);
    const call = lastCall();
    expect(call).toMatchObject({ aborted: true, framesSent: 6, status: 200 });
    expect(call?.outputTokensSent).toBeGreaterThan(4);
  });

  test("is noticed before the first byte as well", async () => {
    simulator.faults.set({ model: "*", kind: "slow-first-token", delayMs: 60_000 });
    const leaving = new AbortController();
    const path = `/model/${encodeURIComponent(nova)}/converse`;
    const body = JSON.stringify({ messages });
    const before = simulator.calls().length;
    const sent = openPost({
      url: simulator.url,
      credentials: simulator.credentials,
      service: "bedrock",
      path,
      body,
      signal: leaving.signal,
    }).catch(() => "gone");
    expect(await eventually(() => simulator.calls().length > before)).toBe(true);
    leaving.abort();
    expect(await sent).toBe("gone");
    expect(await eventually(() => lastCall()?.aborted === true)).toBe(true);
    expect(lastCall()).toMatchObject({ status: 0, bytesSent: 0, outputTokensSent: 0 });
  });
});

test("closing ends what is still open, and may be called twice", async () => {
  const other = await startSimulator({ speed: Infinity });
  other.faults.set({ model: "*", kind: "stall" });
  const { bedrock } = awsClients(other.url, other.credentials);
  const answer = await bedrock.send(new ConverseStreamCommand({ modelId: nova, messages }));
  const reading = drain(answer.stream);
  await other.close();
  expect((await reading).thrown).toBeDefined();
  await other.close();
});
