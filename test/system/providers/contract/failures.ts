import { expect } from "vitest";
import { ProviderError, type ProviderErrorCode } from "../../../../src/providers/index.ts";
import type { Fault } from "../../../../src/simulators/index.ts";
import { drain, failing, type Harness } from "./harness.ts";

type Ordered = readonly [title: string, fault: Omit<Fault, "model">, code: ProviderErrorCode];

const faults: readonly Ordered[] = [
  ["throttling", { kind: "throttling" }, "throttled"],
  ["a model that is not ready", { kind: "model-not-ready" }, "model_not_ready"],
  ["a quota used up", { kind: "service-quota" }, "quota_exceeded"],
  [
    "a conversation that is too long",
    { kind: "validation-error", message: "Input is too long for requested model." },
    "context_overflow",
  ],
  ["an invalid request", { kind: "validation-error" }, "invalid_request"],
  ["a model that is not there", { kind: "resource-not-found" }, "model_not_found"],
  ["credentials refused", { kind: "access-denied" }, "access_denied"],
  ["a token that stays expired", { kind: "expired-token" }, "access_denied"],
  ["a model that took too long", { kind: "model-timeout" }, "timeout"],
  ["a model's own failure", { kind: "model-error", originalStatusCode: 500 }, "model_error"],
  ["a model's own refusal", { kind: "model-error", originalStatusCode: 422 }, "model_refused"],
  ["an internal error", { kind: "internal-error" }, "internal"],
  ["a service that is unavailable", { kind: "service-unavailable" }, "unavailable"],
];

/** Every way in which a vendor refuses, and its absence. */
export function failures(harness: Harness): void {
  const meaning = (fault: Omit<Fault, "model">, code: ProviderErrorCode): ProviderErrorCode =>
    // A message of its own asks for a meaning of its own.
    fault.message === undefined ? (harness.subject.errors?.[fault.kind] ?? code) : code;

  for (const [title, fault, code] of faults) {
    harness.test(`tells of ${title}`, "chat", async () => {
      harness.fault(fault);
      const call = harness.call("Hello");
      const expected = failing(meaning(fault, code));
      await expect(harness.provider.chat(call)).rejects.toEqual(expected);
      const { frames, failure } = await drain(harness.provider.streamChat(call));
      expect({ frames, failure }).toEqual({ frames: [], failure: expected });
      const { details } = failure as ProviderError;
      expect(details.requestId).toBe(harness.lastCall()?.requestId);
      expect(details.upstreamName).toBe(harness.lastCall()?.error);
    });
  }

  harness.test("calls once, whatever comes of it", "chat", async () => {
    for (const kind of ["throttling", "internal-error", "service-unavailable"] as const) {
      harness.simulator.faults.clear();
      harness.fault({ kind });
      const before = harness.simulator.calls().length;
      await expect(harness.whole("Hello")).rejects.toThrow(ProviderError);
      expect(harness.simulator.calls()).toHaveLength(before + 1);
    }
  });

  harness.test("carries Retry-After", "chat", async () => {
    harness.fault({ kind: "throttling", retryAfterSeconds: 7 });
    const told = { code: "throttled", details: { retryAfterMs: 7000 } };
    await expect(harness.whole("Hello")).rejects.toMatchObject(told);
    await expect(harness.streamed("Hello")).rejects.toMatchObject(told);
  });

  harness.test("gives the client no word of accounts and addresses", "chat", async () => {
    const message =
      "User: arn:aws:sts::123456789012:assumed-role/router/i-1 is not authorized, see https://internal.example/";
    for (const kind of ["access-denied", "validation-error", "model-error"] as const) {
      harness.simulator.faults.clear();
      harness.fault({ kind, message });
      await expect(harness.whole("Hello")).rejects.toMatchObject({
        message: expect.not.stringMatching(/123456789012|internal\.example/) as string,
      });
    }
  });

  harness.test("tells of a server that is not there", "chat", async () => {
    const { backends } = harness.subject;
    const target = { ...harness.backend("chat").target, endpoint: "http://127.0.0.1:1" };
    expect(backends.chat).toBeDefined();
    const call = harness.call("Hello", { backend: { target } });
    await expect(harness.provider.chat(call)).rejects.toEqual(failing("connection_failed"));
    const { failure } = await drain(harness.provider.streamChat(call));
    expect(failure).toEqual(failing("connection_failed"));
  });

  harness.test(
    "tells of a whole answer that breaks off, and of one without a body",
    "chat",
    async () => {
      harness.fault({ kind: "cut" });
      await expect(harness.whole("Hello")).rejects.toEqual(failing("connection_failed"));
      harness.simulator.faults.clear();
      harness.fault({ kind: "empty" });
      const code = harness.subject.errors?.empty ?? "empty_reply";
      await expect(harness.whole("Hello")).rejects.toEqual(failing(code));
    },
  );

  harness.test("tells of an answer without a word", "chat", async () => {
    for (const [, ask] of harness.ways) {
      harness.simulator.faults.clear();
      harness.fault({ kind: "empty-content" });
      await expect(ask("Hello")).rejects.toEqual(failing("empty_reply"));
    }
  });

  harness.test("tells of an answer that a filter ended", "chat", async () => {
    harness.fault({ kind: "stop-reason", stopReason: "content_filtered" });
    for (const [, ask] of harness.ways) {
      expect(await ask("Hello")).toMatchObject({ finishReason: "content_filter" });
    }
  });

  harness.test("waits no longer than the backend's own total time", "chat", async () => {
    harness.fault({ kind: "stall", delayMs: 20_000 });
    const timeouts = { ...harness.backend("chat").timeouts, totalMs: 200 };
    const call = harness.call("Hello", { backend: { timeouts } });
    await expect(harness.provider.chat(call)).rejects.toEqual(failing("timeout"));
    await harness.sawAbort();
  });
}
