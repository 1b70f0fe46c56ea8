import { describe, expect, it } from "vitest";
import type { ProviderErrorCode } from "../../../src/providers/index.ts";
import { providerErrors } from "../../../src/providers/provider-error.ts";
import type { Attempt } from "../../../src/router/attempt.ts";
import { nextStep } from "../../../src/router/next-step.ts";
import type { FallbackReason, RouteEntry } from "../../../src/table/index.ts";
import { backendEntry } from "../routing/sample-entries.ts";
import { attemptAt, failedAt } from "./attempts.ts";

const everyReason: FallbackReason[] = [
  "RateLimited",
  "ServerError",
  "Timeout",
  "SlowFirstToken",
  "StreamBroken",
  "Unavailable",
  "ContextOverflow",
  "ProviderRefused",
  "FilterBlocked",
];
const [a, b, c] = [backendEntry("a"), backendEntry("b"), backendEntry("c")];

function step(
  attempts: readonly Attempt[],
  changes: Partial<RouteEntry["fallback"]> = {},
  chain = [a, b, c],
  hasBudget = true,
): string {
  const fallback = {
    when: everyReason,
    maxAttempts: 3,
    totalTimeoutMs: 1_000,
    retryBudgetPercent: 20,
    ...changes,
  };
  const next = nextStep({ chain, attempts, fallback, hasBudget });
  if (next === undefined) return "give up";
  return "denied" in next ? `denied ${next.denied}` : `${next.kind} ${next.backend.name}`;
}

describe("the next step of a chain", () => {
  it.each<[string, Attempt[], Partial<RouteEntry["fallback"]>, string]>([
    ["begins with the first candidate", [], {}, "first a"],
    [
      "falls back after a failure that another may not share",
      [failedAt("a", "throttled")],
      {},
      "fallback b",
    ],
    [
      "prefers another candidate to a retry while each can have an attempt",
      [failedAt("a", "internal")],
      {},
      "fallback b",
    ],
    [
      "retries where an attempt is left over",
      [failedAt("a", "internal")],
      { maxAttempts: 4 },
      "retry a",
    ],
    [
      "never retries twice",
      [failedAt("a", "internal"), failedAt("a", "internal")],
      { maxAttempts: 9 },
      "fallback b",
    ],
    [
      "does not retry what would fail again",
      [failedAt("a", "throttled")],
      { maxAttempts: 9 },
      "fallback b",
    ],
    [
      "gives up when the attempts are used up",
      [failedAt("a", "internal")],
      { maxAttempts: 1 },
      "give up",
    ],
    ["gives up when the request is at fault", [failedAt("a", "invalid_request")], {}, "give up"],
    [
      "gives up where the route does not list the reason",
      [failedAt("a", "throttled")],
      { when: ["Timeout"] },
      "give up",
    ],
    [
      "still retries where the route lists nothing",
      [failedAt("a", "internal")],
      { when: [] },
      "retry a",
    ],
    [
      "goes on to the last",
      [failedAt("a", "throttled"), failedAt("b", "throttled")],
      {},
      "fallback c",
    ],
    [
      "gives up at the end of the chain",
      ["a", "b", "c"].map((name) => failedAt(name, "throttled")),
      { maxAttempts: 9 },
      "give up",
    ],
    ["asks nobody after an answer", [attemptAt("a")], {}, "give up"],
  ])("%s", (_what, attempts, fallback, expected) => {
    expect(step(attempts, fallback)).toBe(expected);
  });

  it("has nothing to try where the chain is empty", () => {
    expect(step([], {}, [])).toBe("give up");
  });

  it("takes only a larger window for what did not fit", () => {
    const small = backendEntry("small", { contextWindow: 8_000 });
    const equal = backendEntry("equal", { contextWindow: 8_000 });
    const large = backendEntry("large", { contextWindow: 9_000 });
    const failed = [failedAt(small, "context_overflow")];
    expect(step(failed, {}, [small, equal, large])).toBe("fallback large");
    expect(step(failed, {}, [small, equal])).toBe("give up");
  });

  it("takes only a larger window, whatever has failed since", () => {
    const small = backendEntry("small", { contextWindow: 8_000 });
    const large = backendEntry("large", { contextWindow: 9_000 });
    const equal = backendEntry("equal", { contextWindow: 8_000 });
    const failed = [failedAt(small, "context_overflow"), failedAt(large, "throttled")];
    expect(step(failed, {}, [small, large, equal])).toBe("give up");
  });

  it("is no retry without budget, and still a fallback", () => {
    const failed = [failedAt("a", "internal")];
    expect(step(failed, {}, [a], true)).toBe("retry a");
    expect(step(failed, {}, [a], false)).toBe("denied retry");
    expect(step(failed, { maxAttempts: 9 }, [a, b], false)).toBe("fallback b");
  });

  it("goes by the attempt that failed, not by the one that was cancelled beside it", () => {
    const hedge = attemptAt("b", { kind: "hedge", superseded: true });
    expect(step([failedAt("a", "invalid_request"), hedge])).toBe("give up");
    expect(step([failedAt("a", "throttled"), hedge])).toBe("fallback c");
  });

  it("leaves out a candidate that is no longer permitted", () => {
    expect(step([failedAt("a", "throttled")], {}, [c])).toBe("fallback c");
  });

  it.each(Object.keys(providerErrors) as ProviderErrorCode[])(
    "after %s is what the error itself says",
    (code) => {
      const { fallback, retryable } = providerErrors[code];
      // No others left but the one that fails: only a retry can be next.
      expect(step([failedAt("a", code)], {}, [a])).toBe(retryable ? "retry a" : "give up");
      // A failure of one candidate among many, with a single attempt left, moves on or ends.
      const large = backendEntry("large", { contextWindow: 1_000_000 });
      const moved = fallback === null ? "give up" : "fallback large";
      expect(step([failedAt("a", code)], { maxAttempts: 2 }, [a, large])).toBe(moved);
    },
  );
});
