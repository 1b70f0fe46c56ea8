import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planDigest, planName, pricesDigest } from "../../../src/table/index.ts";
import { certificate, plan } from "../../support/plan-entry.ts";

const backend = (name: string, input: number) => ({
  name,
  prices: { tokens: { input, output: 2 } },
});

describe("a plan's digest", () => {
  test("is the same for the same content and another for any other", () => {
    const base = plan();
    const { digest, ...content } = base;
    expect(planDigest(structuredClone(content))).toBe(digest);
    const others = [
      plan({ lambda: 11 }),
      plan({ prior: [0, 1, 2, 3] }),
      plan({ candidates: [{ backend: "small", handicap: 0.1 }] }),
      plan({ model: "b".repeat(64) }),
      plan({ certificate: null }),
      plan({ certificate: certificate({ expiresAt: 1 }) }),
    ].map((each) => each.digest);
    expect(new Set([digest, ...others]).size).toBe(1 + others.length);
  });
});

describe("the digest of prices", () => {
  test("does not depend on the order of the backends, and on nothing of them but prices", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,4}$/), fc.nat()), {
          selector: ([name]) => name,
        }),
        (pairs) => {
          const entries = pairs.map(([name, input]) => backend(name, input));
          const marked = entries.map((entry) => ({ ...entry, tier: "Small" })).toReversed();
          expect(pricesDigest(marked)).toBe(pricesDigest(entries));
        },
      ),
    );
  });

  test("is another where a price is, or a backend", () => {
    const digests = [
      pricesDigest([backend("small", 1)]),
      pricesDigest([backend("small", 2)]),
      pricesDigest([backend("tiny", 1)]),
      pricesDigest([backend("small", 1), backend("tiny", 1)]),
    ];
    expect(new Set(digests).size).toBe(4);
  });
});

test("a plan is named by its route, and a tenant's own by both", () => {
  expect(planName({ route: "chat", tenant: null })).toBe("chat");
  expect(planName({ route: "chat", tenant: "acme" })).toBe("chat/acme");
});
