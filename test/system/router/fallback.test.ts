import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../../src/simulators/index.ts";
import { backendOf, models, routeOf } from "../../support/local-resources.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { errorIn, onlyRecordOf, send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

let local: Local;

beforeAll(async () => {
  const chain = ["micro", "lite"];
  local = await startLocal({
    resources: [
      ...(["micro", "llama", "lite", "container"] as const).map((each) => backendOf(each)),
      routeOf("two", chain),
      routeOf("mixed", ["container", "micro"]),
      routeOf("alone", ["micro"]),
      routeOf("windows", ["micro", "llama", "lite"]),
      routeOf("limited-only", chain, { fallback: { when: ["RateLimited"] } }),
      routeOf("never", chain, { fallback: { when: [] } }),
      routeOf("once", chain, { fallback: { maxAttempts: 1 } }),
      routeOf("twice", chain, { fallback: { maxAttempts: 2 } }),
      routeOf("refusals", chain, { fallback: { when: ["ProviderRefused"] } }),
    ],
  });
});

afterEach(() => local.heal());

afterAll(async () => local.stop());

const order = (model: keyof typeof models | "*", fault: Omit<Fault, "model">) =>
  local.simulator.faults.set({ model: model === "*" ? "*" : models[model], ...fault });

async function ask(model: string, stream = false) {
  const before = local.simulator.calls().length;
  const got = await send(local, { body: chatOf(model, "repeat: here I am", { stream }) });
  const record = await onlyRecordOf(local, got.requestId);
  const told = record.attempts.map(
    ({ backend, kind, error_type: error }) => `${kind} ${backend} ${error ?? "ok"}`,
  );
  const called = local.simulator
    .calls()
    .slice(before)
    .map(({ model: each }) => each);
  return { got, record, told, called };
}

interface Case {
  fault: Omit<Fault, "model">;
  code: string;
  reason: string;
  retried?: boolean;
}

const everywhere: Case[] = [
  { fault: { kind: "throttling" }, code: "throttled", reason: "RateLimited" },
  { fault: { kind: "service-quota" }, code: "quota_exceeded", reason: "RateLimited" },
  {
    fault: { kind: "model-not-ready" },
    code: "model_not_ready",
    reason: "RateLimited",
    retried: true,
  },
  { fault: { kind: "internal-error" }, code: "internal", reason: "ServerError", retried: true },
  {
    fault: { kind: "service-unavailable" },
    code: "unavailable",
    reason: "ServerError",
    retried: true,
  },
  { fault: { kind: "model-error" }, code: "model_error", reason: "ServerError" },
  { fault: { kind: "model-timeout" }, code: "timeout", reason: "Timeout" },
  { fault: { kind: "access-denied" }, code: "access_denied", reason: "Unavailable" },
  { fault: { kind: "expired-token" }, code: "access_denied", reason: "Unavailable" },
  { fault: { kind: "resource-not-found" }, code: "model_not_found", reason: "Unavailable" },
  { fault: { kind: "empty-content" }, code: "empty_reply", reason: "ServerError" },
];
const wholeOnly: Case[] = [
  { fault: { kind: "cut" }, code: "connection_failed", reason: "ServerError", retried: true },
  {
    fault: { kind: "stop-reason", stopReason: "malformed_model_output" },
    code: "malformed_reply",
    reason: "ServerError",
  },
];
const streamedOnly: Case[] = [
  { fault: { kind: "cut", afterFrames: 0 }, code: "stream_broken", reason: "StreamBroken" },
  { fault: { kind: "bad-crc", afterFrames: 0 }, code: "stream_broken", reason: "StreamBroken" },
  { fault: { kind: "clean-end", afterFrames: 0 }, code: "stream_broken", reason: "StreamBroken" },
  { fault: { kind: "exception-frame" }, code: "stream_broken", reason: "StreamBroken" },
  {
    fault: { kind: "exception-frame", exception: "throttlingException" },
    code: "throttled",
    reason: "RateLimited",
  },
  { fault: { kind: "error-frame" }, code: "internal", reason: "ServerError", retried: true },
];

describe("the first candidate's failure", () => {
  it.each([
    ...[...everywhere, ...wholeOnly].map((each) => ({ stream: false, ...each })),
    ...[...everywhere, ...streamedOnly].map((each) => ({ stream: true, ...each })),
  ])(
    "is answered by the second (streamed: $stream): $fault as $code",
    async ({ stream, fault, code, reason, retried }) => {
      order("micro", fault);
      const { got, record, told } = await ask("two", stream);
      expect(got.status).toBe(200);
      expect(got.text).toContain("here");
      const retry = retried === true ? [`retry micro ${code}`] : [];
      expect(told).toEqual([`first micro ${code}`, ...retry, "fallback lite ok"]);
      expect(got.headers).toMatchObject({
        "x-switchyard-backend": "lite",
        "x-switchyard-attempts": String(told.length),
        "x-switchyard-reason": `fallback:${reason}`,
      });
      expect(record).toMatchObject({
        status: 200,
        level: "info",
        error_type: null,
        fallback_reason: reason,
        response_model: models.lite,
      });
    },
  );

  it.each([false, true])("may be a SageMaker container's (streamed: %s)", async (stream) => {
    order("container", { kind: "model-error" });
    const { told } = await ask("mixed", stream);
    expect(told).toEqual(["first container model_error", "fallback micro ok"]);
  });

  it("of a moment is over with the retry", async () => {
    order("micro", { kind: "service-unavailable", count: 1 });
    const { told, got } = await ask("alone");
    expect(told).toEqual(["first micro unavailable", "retry micro ok"]);
    expect(got.headers["x-switchyard-reason"]).toBe("ordered");
  });

  it.each([false, true])(
    "that the request itself is at fault for ends it (streamed: %s)",
    async (stream) => {
      order("micro", { kind: "validation-error", message: "temperature is wrong" });
      const { got, told, called } = await ask("two", stream);
      expect(got.status).toBe(400);
      expect(errorIn(got).message).toContain("temperature is wrong");
      expect(told).toEqual(["first micro invalid_request"]);
      expect(called).toEqual([models.micro]);
    },
  );

  it("is not waited on for long while another candidate stands by", async () => {
    order("micro", { kind: "service-unavailable", retryAfterSeconds: 30 });
    expect((await ask("two")).told).toEqual(["first micro unavailable", "fallback lite ok"]);
  });

  it.each([false, true])(
    "by an overflow goes to a larger window only (streamed: %s)",
    async (stream) => {
      order("micro", {
        kind: "validation-error",
        message: "Input is too long for requested model.",
      });
      const { told } = await ask("windows", stream);
      expect(told).toEqual(["first micro context_overflow", "fallback lite ok"]);
    },
  );

  it("by an overflow everywhere says so in OpenAI's words", async () => {
    order("*", { kind: "validation-error", message: "prompt is too long: 1 tokens > 0 maximum" });
    const { got, told } = await ask("windows");
    expect(told).toEqual(["first micro context_overflow", "fallback lite context_overflow"]);
    expect(errorIn(got).code).toBe("context_length_exceeded");
  });
});

describe("a route's own bounds on fallbacks", () => {
  it.each([
    ["limited-only", "throttling", ["first micro throttled", "fallback lite ok"]],
    ["limited-only", "internal-error", ["first micro internal", "retry micro internal"]],
    ["limited-only", "access-denied", ["first micro access_denied"]],
    ["never", "throttling", ["first micro throttled"]],
    ["never", "service-unavailable", ["first micro unavailable", "retry micro unavailable"]],
    ["once", "service-unavailable", ["first micro unavailable"]],
    ["twice", "service-unavailable", ["first micro unavailable", "fallback lite ok"]],
  ] as const)("%s takes %s so", async (route, kind, told) => {
    order("micro", { kind });
    expect((await ask(route)).told).toEqual(told);
  });
});

describe("a provider's refusal", () => {
  const refusal = { kind: "stop-reason", stopReason: "content_filtered" } as const;

  it.each([false, true])("is an answer by default (streamed: %s)", async (stream) => {
    order("micro", refusal);
    const { got, told, record } = await ask("two", stream);
    expect(got.status).toBe(200);
    expect(told).toEqual(["first micro ok"]);
    expect(record.finish_reason).toBe("content_filter");
  });

  it("falls back where the route says so", async () => {
    order("micro", refusal);
    const { told, got } = await ask("refusals");
    expect(told).toEqual(["first micro content_refused", "fallback lite ok"]);
    expect(got.headers["x-switchyard-reason"]).toBe("fallback:ProviderRefused");
  });

  it("is an answer after all where nobody is left", async () => {
    order("*", refusal);
    const { told, record } = await ask("refusals");
    expect(told).toEqual(["first micro content_refused", "fallback lite ok"]);
    expect(record.finish_reason).toBe("content_filter");
  });
});

describe("a chain that fails altogether", () => {
  it.each([false, true])(
    "tells the most telling error and every attempt (streamed: %s)",
    async (stream) => {
      order("micro", { kind: "throttling", retryAfterSeconds: 7 });
      order("lite", { kind: "access-denied" });
      const { got, record } = await ask("two", stream);
      expect(got.status).toBe(429);
      expect(got.headers["retry-after"]).toBe("7");
      const error = errorIn(got);
      expect(error).toMatchObject({ type: "rate_limit_exceeded", code: "rate_limit_exceeded" });
      expect(error.attempts?.map(({ backend, code }) => [backend, code])).toEqual([
        ["micro", "throttled"],
        ["lite", "access_denied"],
      ]);
      expect(got.headers["x-switchyard-attempts"]).toBe("2");
      expect(record).toMatchObject({
        status: 429,
        error_type: "rate_limit_exceeded",
        token_source: "none",
        cost_usd: 0,
        attempts: [{ status: 429 }, { status: 403 }],
      });
    },
  );

  it("passes on the soonest moment at which to ask again", async () => {
    order("micro", { kind: "throttling", retryAfterSeconds: 40 });
    order("lite", { kind: "throttling", retryAfterSeconds: 9 });
    expect((await ask("two")).got.headers["retry-after"]).toBe("9");
  });
});
