import { describe, expect, it } from "vitest";
import { nextCandidate } from "../../../src/router/next-candidate.ts";
import { situationOf } from "../../../src/router/situation.ts";
import { tenantEntry } from "../routing/sample-entries.ts";
import { failedAt } from "./attempts.ts";
import { stage, type Staged } from "./stage.ts";

const outlier = { consecutiveFailures: 3, errorPercent: 50, slowPercent: 50, ejectForMs: 600_000 };

/** Both backends are there; those named have been ejected since the request chose its chain. */
function staged(...ejected: string[]): Staged {
  const given = stage({ a: {}, b: {} }, { backend: { outlier } });
  const { health } = given.parts;
  for (const { backend } of given.routed.choice.chain) {
    for (let call = 0; call < 3 && ejected.includes(backend.name); call += 1)
      health.note(health.begin(backend), { result: "failed" });
  }
  return given;
}

function spendAll({ parts, routed }: Staged): void {
  while (parts.budgets.hasRetry(routed.route)) parts.budgets.spendRetry(routed.route);
}

function next({ parts, routed }: Staged): string {
  const step = nextCandidate(routed, situationOf(routed, parts), parts);
  if (step === undefined) return "give up";
  return "denied" in step ? `denied ${step.denied}` : `${step.kind} ${step.backend.name}`;
}

describe("the next candidate", () => {
  const failedFirst = (): Staged => {
    const given = stage({ a: {}, b: {}, c: {} });
    given.routed.attempts.push(failedAt(given.routed.choice.chain[0]!.backend, "throttled"));
    return given;
  };

  it.each<[string, (given: Staged) => void, string]>([
    ["is the next of the chain", () => undefined, "fallback b"],
    [
      "is one that the tenant may use",
      ({ routed }) => (routed.tenant = tenantEntry({ allowedBackends: ["a", "c"] })),
      "fallback c",
    ],
    [
      "is one that the tenant's residency allows",
      ({ routed }) => (routed.tenant = tenantEntry({ residencyRegions: ["eu-west-1"] })),
      "give up",
    ],
    [
      "has what the request needs",
      ({ routed }) => (routed.needs = { ...routed.needs, capabilities: ["Vision"] }),
      "give up",
    ],
  ])("%s, whatever was so when the chain was chosen", (_what, change, expected) => {
    const given = failedFirst();
    change(given);
    expect(next(given)).toBe(expected);
  });
});

describe("the next candidate once a route's budget is used up", () => {
  it("is one that is well: a provider's blip must not become the user's outage", () => {
    const given = staged();
    given.routed.attempts.push(failedAt(given.routed.choice.chain[0]!.backend, "unavailable"));
    spendAll(given);
    expect(next(given)).toBe("fallback b");
  });

  it("is none that is ejected: an outage of all is not multiplied", () => {
    const given = staged("b");
    given.routed.attempts.push(failedAt(given.routed.choice.chain[0]!.backend, "model_error"));
    expect(next(given)).toBe("fallback b");
    spendAll(given);
    expect(next(given)).toBe("denied fallback");
  });

  it("is one of the ejected all the same where nobody has been asked yet", () => {
    const given = staged("a", "b");
    spendAll(given);
    expect(next(given)).toMatch(/^first [ab]$/);
  });
});
