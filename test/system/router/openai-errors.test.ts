import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../../src/simulators/index.ts";
import { backendOf, routeOf, tenantOf } from "../../support/local-resources.ts";
import { apiErrorOf, errorOf, openAiClient } from "../../support/openai-client.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const digestForm = /^[0-9a-f]{64}$/;

let local: Local;
let client: OpenAI;

beforeAll(async () => {
  local = await startLocal({
    resources: [
      backendOf("micro", { timeouts: { idle: "700ms" } }),
      backendOf("container", { timeouts: { idle: "700ms" } }),
      routeOf("one", ["micro"]),
      routeOf("own", ["container"]),
      routeOf("closed", ["micro"], { access: "Tenants" }),
      tenantOf("team", "sy_key-of-the-team"),
    ],
  });
  client = openAiClient(local);
});

afterEach(() => local.heal());

afterAll(async () => local.stop());

const order = (fault: Omit<Fault, "model">) => local.simulator.faults.set({ model: "*", ...fault });
const ask = (model: string, more = {}) =>
  client.chat.completions.create({
    model,
    messages: [{ role: "user", content: "Hello" }],
    ...more,
  });

interface Expected {
  kind: new (...args: never[]) => Error;
  status: number;
  type: string;
  code: string;
}

describe("an error that the router answers", () => {
  const cases: [what: string, fault: Omit<Fault, "model"> | undefined, model: string, Expected][] =
    [
      [
        "a missing key",
        undefined,
        "closed",
        {
          kind: OpenAI.AuthenticationError,
          status: 401,
          type: "authentication_error",
          code: "invalid_api_key",
        },
      ],
      [
        "an unknown model",
        undefined,
        "nothing",
        {
          kind: OpenAI.NotFoundError,
          status: 404,
          type: "invalid_request_error",
          code: "model_not_found",
        },
      ],
      [
        "a throttled model",
        { kind: "throttling" },
        "one",
        {
          kind: OpenAI.RateLimitError,
          status: 429,
          type: "rate_limit_exceeded",
          code: "rate_limit_exceeded",
        },
      ],
      [
        "a used-up quota",
        { kind: "service-quota" },
        "one",
        {
          kind: OpenAI.RateLimitError,
          status: 429,
          type: "insufficient_quota",
          code: "insufficient_quota",
        },
      ],
      [
        "a request that the model refuses",
        { kind: "validation-error" },
        "one",
        {
          kind: OpenAI.BadRequestError,
          status: 400,
          type: "invalid_request_error",
          code: "invalid_request_error",
        },
      ],
      [
        "a failed container",
        { kind: "model-error" },
        "own",
        {
          kind: OpenAI.InternalServerError,
          status: 502,
          type: "server_error",
          code: "server_error",
        },
      ],
      [
        "credentials of ours that are refused",
        { kind: "access-denied" },
        "one",
        { kind: OpenAI.InternalServerError, status: 502, type: "api_error", code: "api_error" },
      ],
      [
        "a model that is unavailable",
        { kind: "service-unavailable" },
        "one",
        {
          kind: OpenAI.InternalServerError,
          status: 503,
          type: "server_error",
          code: "server_error",
        },
      ],
    ];

  it.each(cases.flatMap((each) => [[...each, false] as const, [...each, true] as const]))(
    "is the client's own class: %s (%o, %s, %o, streamed: %s)",
    async (_what, fault, model, { kind, ...facts }, stream) => {
      if (fault !== undefined) order(fault);
      const error = await apiErrorOf(ask(model, { stream }));
      expect(error).toBeInstanceOf(kind);
      expect(error).toMatchObject(facts);
      const headers = error.headers!;
      expect(error.requestID).toMatch(/^req_/);
      expect(headers.get("x-switchyard-request-id")).toBe(error.requestID);
      expect(headers.get("x-switchyard-table-digest")).toMatch(digestForm);
      const record = await local.records.of(error.requestID);
      expect(record).toMatchObject({ status: facts.status, error_type: facts.code });
      expect(headers.get("x-switchyard-backend")).toBe(record.attempts.at(-1)?.backend ?? null);
    },
  );

  it("lists every attempt of a failed chain", async () => {
    order({ kind: "internal-error" });
    const error = await apiErrorOf(ask("one"));
    expect(error.error).toMatchObject({
      attempts: [
        { backend: "micro", code: "internal", message: expect.any(String) },
        { backend: "micro", code: "internal", message: expect.any(String) },
      ],
    });
    expect(error.headers?.get("x-switchyard-attempts")).toBe("2");
  });
});

describe.each(["one", "own"])("a stream of the route %s", (model) => {
  const breaks = [
    "cut",
    "bad-crc",
    "exception-frame",
    "error-frame",
    "clean-end",
    "stall",
  ] as const;

  it.each(breaks)("raises in the client when it breaks off by %s", async (kind) => {
    order({ kind, afterFrames: 6, ...(kind === "stall" ? { delayMs: 20_000 } : {}) });
    const { data, request_id } = await client.chat.completions
      .create({
        model,
        messages: [{ role: "user", content: "count from 1 to 300" }],
        stream: true,
      })
      .withResponse();
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    const error = await errorOf(
      (async () => {
        for await (const chunk of data) chunks.push(chunk);
      })(),
    );
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ type: "server_error", code: "server_error" });
    expect(chunks.length).toBeGreaterThan(0);
    expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual([]);
    const record = await local.records.of(request_id);
    expect(record).toMatchObject({
      status: 200,
      level: "error",
      error_type: "server_error",
      client_aborted: false,
      token_source: "estimated",
      attempts: [{ error_type: "stream_broken" }],
    });
    expect(record.attempts[0]?.frames).toBeGreaterThan(0);
    expect(record.tokens?.out).toBeGreaterThan(0);
  });
});
