import { describe, expect, it } from "vitest";
import { adviseOnAmounts } from "../../../src/compile/amount-advice.ts";
import { byLabels } from "../../../src/compile/alike-routes.ts";
import { budgetsOutOfReach } from "../../../src/compile/budget-advice.ts";
import { adviseOnFilters } from "../../../src/compile/filter-advice.ts";
import { parseResource, readManifests, type TenantPolicySpec } from "../../../src/api/index.ts";
import type { FilterEntry, TenantEntry } from "../../../src/table/index.ts";
import {
  backendEntry,
  byName,
  pricedAt,
  routeEntry,
  tenantEntry,
} from "../routing/sample-entries.ts";

const ref = { kind: "TenantPolicy", namespace: "shop", name: "acme" } as const;

/** The spec of a policy, by its members in YAML. */
function specOf(members: string): TenantPolicySpec {
  const text = `apiVersion: switchyard.dev/v1alpha1\nkind: TenantPolicy\nmetadata: { name: acme }\nspec:\n  ${members.replaceAll("\n", "\n  ")}`;
  const [manifest] = readManifests(text, "policy.yaml").manifests;
  const parsed = manifest === undefined ? undefined : parseResource(manifest);
  if (parsed?.ok !== true || parsed.value.kind !== "TenantPolicy")
    throw new Error(`The test's policy is wrong: ${JSON.stringify(parsed)}`);
  return parsed.value.spec;
}

const draft = (spec: TenantPolicySpec) => ({
  ref,
  createdAt: 0,
  labels: {},
  paused: false,
  unpinned: false,
  spec,
  texts: [],
});

const budgets = (...written: string[]) =>
  `budgets: [${written.map((each) => `{ ${each} }`).join(", ")}]`;

describe("a budget that another limit makes out of reach", () => {
  it.each<[string, string, string[]]>([
    [
      "a day that 24 hours of another do not fill",
      budgets('window: Hour, usd: "1"', 'window: Day, usd: "24"'),
      ["spec.budgets[1].usd"],
    ],
    [
      "a month that no day may use up, in a zone that moves its clocks",
      budgets(
        'window: Day, timeZone: Europe/Zurich, usd: "1"',
        'window: Month, timeZone: Europe/Zurich, usd: "31"',
      ),
      ["spec.budgets[1].usd"],
    ],
    [
      "the later of two that are the same",
      budgets('window: Day, usd: "5"', 'window: Day, usd: "5"'),
      ["spec.budgets[1].usd"],
    ],
    [
      "the larger of two of one window, wherever it stands",
      budgets('window: Day, usd: "6"', 'window: Day, usd: "5"'),
      ["spec.budgets[0].usd"],
    ],
    [
      "tokens that the rate does not let through",
      `${budgets("window: Hour, tokens: 6100")}\nrateLimits: { tokensPerMinute: 100 }`,
      ["spec.budgets[0].tokens"],
    ],
    [
      "a downgrade that a refusal forestalls",
      budgets('window: Day, usd: "5"', 'window: Day, usd: "10", onExceeded: Downgrade'),
      ["spec.budgets[1].usd"],
    ],
  ])("is %s", (_what, members, paths) => {
    const found = budgetsOutOfReach(draft(specOf(members)));
    expect(found.map(({ path }) => path)).toEqual(paths);
    expect(
      found.every(({ severity, reason }) => severity === "Warning" && reason === "LimitOutOfReach"),
    ).toBe(true);
  });

  it.each([
    [
      "one that the day's last hour may reach",
      budgets('window: Hour, usd: "1"', 'window: Day, usd: "23.999999"'),
    ],
    [
      "one of a day with 25 hours",
      budgets(
        'window: Hour, timeZone: Europe/Zurich, usd: "1"',
        'window: Day, timeZone: Europe/Zurich, usd: "24"',
      ),
    ],
    [
      "one whose window lies across two of another zone",
      budgets('window: Day, usd: "5"', 'window: Day, timeZone: Asia/Tokyo, usd: "9"'),
    ],
    [
      "one beside another that only downgrades",
      budgets('window: Hour, usd: "1", onExceeded: Downgrade', 'window: Day, usd: "100"'),
    ],
    [
      "one beside another that only observes",
      budgets('window: Hour, usd: "1", onExceeded: Observe', 'window: Day, usd: "100"'),
    ],
    [
      "a warning below a refusal",
      budgets('window: Day, usd: "8", onExceeded: Downgrade', 'window: Day, usd: "10"'),
    ],
    ["one of another unit", budgets('window: Hour, usd: "1"', "window: Day, tokens: 1000000")],
    ["a shorter one beside a longer", budgets('window: Day, usd: "1"', 'window: Hour, usd: "5"')],
    [
      "one that a burst may use up",
      `${budgets("window: Hour, tokens: 6099")}\nrateLimits: { tokensPerMinute: 100 }`,
    ],
    ["none", "subjects: []"],
  ])("is not %s", (_what, members) => {
    expect(budgetsOutOfReach(draft(specOf(members)))).toEqual([]);
  });

  it("is told of with what is spent at most, and what to do", () => {
    const [finding] = budgetsOutOfReach(
      draft(specOf(budgets('window: Hour, usd: "0.5"', 'window: Day, usd: "100"'))),
    );
    expect(finding?.message).toBe(
      "This budget of tenant acme is never used up: by spec.budgets[0] the tenant may use at most 12 USD in a day, and it has 100 USD. Remove it, or make it smaller than that.",
    );
  });
});

describe("a limit that has no room for one usual request", () => {
  const cheap = backendEntry("cheap", { prices: pricedAt(1, 2) });
  const dear = backendEntry("dear", { prices: pricedAt(10, 50) });
  const hourly = backendEntry("hourly", { prices: { instanceHour: 1_000_000 } });
  const vectors = backendEntry("vectors", { capabilities: ["Embeddings"] });
  const backends = new Map(Object.entries(byName([cheap, dear, hourly, vectors])));
  const both = routeEntry([cheap, dear]);

  const told = (tenant: Partial<TenantEntry>, routes = [both]) =>
    adviseOnAmounts(ref, tenantEntry(tenant), { groups: byLabels(routes), backends }).map(
      ({ reason, path }) => `${reason} ${path}`,
    );
  const budget = { window: "Day", timeZone: "UTC", onExceeded: "Reject" } as const;

  it.each<[string, Partial<TenantEntry>, string[]]>([
    // 512 tokens at 2 USD a million are 1,024 micro-USD.
    [
      "a budget below the cheapest",
      { budgets: [{ ...budget, microUsd: 1_023 }] },
      ["LimitTooSmall spec.budgets[0].usd"],
    ],
    ["a budget that is enough for the cheapest", { budgets: [{ ...budget, microUsd: 1_024 }] }, []],
    [
      "the same budget where the cheapest is not allowed",
      { budgets: [{ ...budget, microUsd: 1_024 }], allowedBackends: ["dear"] },
      ["LimitTooSmall spec.budgets[0].usd"],
    ],
    [
      "nothing, of a budget that downgrades",
      { budgets: [{ ...budget, microUsd: 1, onExceeded: "Downgrade" }] },
      [],
    ],
    [
      "too few tokens",
      { budgets: [{ ...budget, tokens: 511 }] },
      ["LimitTooSmall spec.budgets[0].tokens"],
    ],
    [
      "too few tokens a minute",
      { rateLimits: { tokensPerMinute: 511 } },
      ["LimitTooSmall spec.rateLimits.tokensPerMinute"],
    ],
    [
      "enough of them",
      { rateLimits: { tokensPerMinute: 512 }, budgets: [{ ...budget, tokens: 512 }] },
      [],
    ],
    [
      "a ceiling below the cheapest",
      { envelope: { maxMicroUsd: 1_023 } },
      ["EnvelopeUnreachable spec.envelope.maxUsdPerRequest"],
    ],
    ["a ceiling above it", { envelope: { maxMicroUsd: 1_024 } }, []],
    [
      "nothing, where nothing may serve it",
      { budgets: [{ ...budget, microUsd: 1 }], allowedBackends: ["none"] },
      [],
    ],
  ])("is found in %s", (_what, tenant, expected) => {
    expect(told(tenant)).toEqual(expected);
  });

  it("is none where a request may take next to nothing, or costs time", () => {
    const small = { budgets: [{ ...budget, microUsd: 1 }] };
    expect(told(small, [both, routeEntry([vectors], { type: "Embeddings" })])).toEqual([]);
    expect(told(small, [routeEntry([hourly, dear])])).toEqual([]);
    expect(
      told({ rateLimits: { tokensPerMinute: 100 } }, [routeEntry([{ ...cheap, name: "short" }])]),
    ).toEqual([]);
  });
});

describe("a filter of answers", () => {
  const filter = (stage: FilterEntry["stage"]): FilterEntry => ({
    name: "secrets",
    type: "Secrets",
    stage,
    action: "Block",
    streaming: "Window",
    onFailure: "Block",
  });
  const routes = [routeEntry([]), routeEntry([], { name: "vectors", type: "Embeddings" })];

  it.each<[FilterEntry["stage"], string[]]>([
    ["Output", ["FilterNotRun spec.safety[0].stage"]],
    ["Both", []],
    ["Input", []],
  ])("at stage %s is told of where answers are vectors", (stage, expected) => {
    const found = adviseOnFilters(ref, tenantEntry({ safety: [filter(stage)] }), routes);
    expect(found.map(({ reason, path }) => `${reason} ${path}`)).toEqual(expected);
    expect(
      adviseOnFilters(ref, tenantEntry({ safety: [filter(stage)] }), [routeEntry([])]),
    ).toEqual([]);
  });
});
