import { describe, expect, it } from "vitest";
import type { Attempt } from "../../../src/router/attempt.ts";
import { fallbackReason } from "../../../src/router/response-headers.ts";
import { attemptAt, failedAt } from "./attempts.ts";

const hedge = (changes: Partial<Attempt> = {}) => attemptAt("b", { kind: "hedge", ...changes });
const fallback = attemptAt("c", { kind: "fallback" });

describe("why the first candidate was left", () => {
  it.each<[string, Attempt[], string | null]>([
    ["it was not", [attemptAt("a")], null],
    ["a retry is no leaving", [failedAt("a", "internal"), attemptAt("a", { kind: "retry" })], null],
    ["it failed", [failedAt("a", "throttled"), fallback], "RateLimited"],
    [
      "its retry failed",
      [failedAt("a", "internal"), failedAt("a", "timeout", { kind: "retry" }), fallback],
      "Timeout",
    ],
    [
      "it lost to its hedge, which is no failure",
      [attemptAt("a", { superseded: true }), hedge()],
      null,
    ],
    ["it won over its hedge", [attemptAt("a"), hedge({ superseded: true })], null],
    [
      "its hedge failed, and it answered",
      [attemptAt("a"), failedAt("b", "timeout", { kind: "hedge" })],
      null,
    ],
    ["it failed, and its hedge went on", [failedAt("a", "throttled"), hedge()], "RateLimited"],
    [
      "it failed, and its hedge was no help",
      [failedAt("a", "context_overflow"), hedge({ superseded: true }), fallback],
      "ContextOverflow",
    ],
  ])("%s", (_what, attempts, reason) => {
    expect(fallbackReason(attempts)).toBe(reason);
  });
});
