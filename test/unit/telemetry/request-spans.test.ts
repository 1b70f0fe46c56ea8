import { hrTimeToMilliseconds } from "@opentelemetry/core";
import { emptyResource } from "@opentelemetry/resources";
import { describe, expect, it } from "vitest";
import type { RequestObservation } from "../../../src/telemetry/index.ts";
import { requestSpans } from "../../../src/telemetry/request-spans.ts";
import {
  makeAttemptObservation,
  makeAttemptRecord,
  makeFallbackObservation,
  makeObservation,
  makeRecord,
} from "../../support/observations.ts";

const ids = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };

const spansOf = (observation: RequestObservation) =>
  requestSpans(
    observation,
    { ids, parent: undefined, keptByOutcome: false },
    { resource: emptyResource(), scope: { name: "test" } },
  );

const attributesOf = (observation: RequestObservation, index: number) =>
  spansOf(observation)[index]?.attributes ?? {};

describe("the spans of a request", () => {
  it("begin and end when what they stand for did", () => {
    const observation = makeFallbackObservation();
    const times = spansOf(observation).map((span) => [
      Math.round(hrTimeToMilliseconds(span.startTime) - observation.startedAt),
      Math.round(hrTimeToMilliseconds(span.endTime) - observation.startedAt),
    ]);
    expect(times).toEqual([
      [0, 440],
      [1, 433],
      [2, 32],
      [33, 433],
    ]);
  });

  it("are only the SERVER span where no candidate was chosen", () => {
    const observation = makeObservation({
      record: makeRecord({ attempts: [] }),
      routing: null,
      attempts: [],
    });
    expect(spansOf(observation).map(({ name }) => name)).toEqual(["POST /v1/chat/completions"]);
  });

  it("have no free text in their names", () => {
    const { http } = makeObservation();
    const odd = { ...http, method: "BREW\r\nX", route: null, path: "/who/knows" };
    const [server] = spansOf(makeObservation({ http: odd }));
    expect(server?.name).toBe("HTTP");
    expect(server?.attributes["http.request.method"]).toBe("_OTHER");
  });

  it("say what a policy that only observes would have done", () => {
    const record = makeRecord({ would_refuse: ["allowed_backends"], would_divert: ["envelope"] });
    expect(attributesOf(makeObservation({ record }), 1)).toMatchObject({
      "switchyard.would_refuse": ["allowed_backends"],
      "switchyard.would_divert": ["envelope"],
    });
    expect(attributesOf(makeObservation(), 1)).not.toHaveProperty("switchyard.would_refuse");
  });

  it("count cached tokens as input", () => {
    expect(attributesOf(makeObservation(), 2)).toMatchObject({
      "gen_ai.usage.input_tokens": 125,
      "gen_ai.usage.cache_read.input_tokens": 20,
      "gen_ai.usage.cache_creation.input_tokens": 5,
      "gen_ai.usage.output_tokens": 40,
      "gen_ai.usage.reasoning.output_tokens": 10,
    });
  });

  it("tell the first chunk in seconds, and only of a stream", () => {
    const name = "gen_ai.response.time_to_first_chunk";
    expect(attributesOf(makeObservation(), 2)[name]).toBe(0.1);
    const whole = makeObservation({ attempts: [makeAttemptObservation({ streaming: false })] });
    expect(attributesOf(whole, 2)).not.toHaveProperty([name]);
  });

  it.each([
    ["a provider's failure", { status: 502, error_type: "internal" }, "internal"],
    ["a failure without a code", { status: 500, error_type: null }, "500"],
    ["a broken stream", { status: 200, error_type: "stream_broken" }, "stream_broken"],
    ["a client's mistake", { status: 404, error_type: "model_not_found" }, undefined],
    ["a client that left", { status: 200, error_type: "aborted", client_aborted: true }, undefined],
  ])("mark %s as an error as the conventions say", (_what, changes, expected) => {
    const [server] = spansOf(makeObservation({ record: makeRecord(changes) }));
    expect(server?.attributes["error.type"]).toBe(expected);
    expect(server?.status.code).toBe(expected === undefined ? 0 : 2);
  });

  it.each([
    ["superseded", undefined],
    ["client_closed_request", undefined],
    ["throttled", "throttled"],
  ])(
    "mark an attempt that ended with %s as an error only if one befell it",
    (error_type, error) => {
      const attempts = [makeAttemptRecord({ error_type })];
      const [, , attempt] = spansOf(makeObservation({ record: makeRecord({ attempts }) }));
      expect(attempt?.attributes["error.type"]).toBe(error);
      expect(attempt?.status.code).toBe(error === undefined ? 0 : 2);
      const cancelled = attempt?.attributes["switchyard.attempt.cancelled"];
      expect(cancelled).toBe(error === undefined ? error_type : undefined);
    },
  );

  it("cut what a client chose freely", () => {
    const long = "x".repeat(5_000);
    const { http } = makeObservation();
    const observation = makeObservation({
      http: { ...http, path: long, serverAddress: long },
      record: makeRecord({ attempts: [makeAttemptRecord()] }),
    });
    for (const span of spansOf(observation)) {
      expect(JSON.stringify(span.attributes)).not.toContain("x".repeat(257));
    }
  });

  it("are not described before they are read", () => {
    const observation = makeObservation();
    const [server] = spansOf(observation);
    observation.record.status = 503;
    expect(server?.attributes["http.response.status_code"]).toBe(503);
  });
});

describe("the spans of a call that measures", () => {
  it("are a trace of their own, linked to the request that it was made for", () => {
    const original = { traceId: "f".repeat(32), spanId: "e".repeat(16) };
    const record = makeRecord({ arm: "shadow", prompt_id: "req-0", error_type: "throttled" });
    const [root, attempt, ...others] = spansOf(makeObservation({ record, original }));
    expect(others).toEqual([]);
    expect(root?.name).toBe("switchyard.shadow");
    expect(root?.parentSpanContext).toBeUndefined();
    expect(root?.links.map(({ context }) => context)).toMatchObject([original]);
    expect(root?.attributes).toMatchObject({
      "switchyard.arm": "shadow",
      "switchyard.prompt.id": "req-0",
      "switchyard.request.id": "req-1",
      "error.type": "throttled",
    });
    expect(attempt?.parentSpanContext).toMatchObject(ids);
    expect(attempt?.links).toEqual([]);
  });
});
