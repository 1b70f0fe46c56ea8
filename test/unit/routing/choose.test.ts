import { describe, expect, test } from "vitest";

import {
  BackendHealth,
  choose,
  LatencyBook,
  type Choice,
  type ChoiceInput,
} from "../../../src/routing/index.ts";
import type { BackendEntry, RouteEntry } from "../../../src/table/index.ts";
import {
  allWell,
  eject,
  backendEntry,
  byName,
  chatNeeds,
  judging,
  plainDraws,
  planEntryOf,
  planOf,
  pricedAt,
  routeEntry,
  standingClock,
  tenantEntry,
} from "./sample-entries.ts";

const small = backendEntry("small", {
  tier: "Small",
  prices: pricedAt(0.2, 0.2),
  expectations: { firstTokenP95Ms: 300, tokensPerSecond: 200 },
});
const medium = backendEntry("medium", {
  tier: "Medium",
  prices: pricedAt(0.7, 0.7),
  expectations: { firstTokenP95Ms: 600, tokensPerSecond: 100 },
});
const frontier = backendEntry("frontier", {
  tier: "Frontier",
  prices: pricedAt(3, 15),
  expectations: { firstTokenP95Ms: 1_500, tokensPerSecond: 50 },
});
const backends = [small, medium, frontier];

function decide(
  changes: Partial<RouteEntry> = {},
  input: Partial<ChoiceInput> = {},
  among: readonly BackendEntry[] = backends,
): Choice {
  const choice = choose({
    route: routeEntry(among, changes),
    backends: byName(among),
    tenant: null,
    needs: chatNeeds({ max_tokens: 100 }),
    book: new LatencyBook(standingClock()),
    health: allWell(),
    hasRoom: () => true,
    draws: plainDraws,
    now: 0,
    ...input,
  });
  if (!choice.ok) throw new Error(choice.error.message);
  return choice.value;
}

const names = (choice: Choice) => choice.chain.map(({ backend }) => backend.name);
const certified = { quality: { floorPercent: 95, assurance: "Certified" as const } };

describe("the cheapest within the envelope", () => {
  test("keeps the floor by the estimator's word", () => {
    const estimator = judging({ small: 0.8, medium: 0.9, frontier: 0.92 });
    const choice = decide({}, { estimator });
    expect(names(choice)[0]).toBe("medium");
    expect(choice).toMatchObject({
      reason: "cheapest",
      envelopeMissed: false,
      confidence: 0.9,
      confidenceSource: "classifier",
    });
  });

  test("a lower floor lets a cheaper one serve", () => {
    const estimator = judging({ small: 0.8, medium: 0.9, frontier: 0.92 });
    expect(
      names(decide({ quality: { floorPercent: 80, assurance: "Estimated" } }, { estimator }))[0],
    ).toBe("small");
  });

  test("at the floor exactly it is kept", () => {
    const estimator = judging({ small: 0.45, medium: 0.4, frontier: 0.5 });
    const quality = { floorPercent: 90, assurance: "Estimated" as const };
    expect(names(decide({ quality }, { estimator }))[0]).toBe("small");
  });

  test("leaves out who would be too slow or too dear", () => {
    const estimator = judging({ small: 0.9, medium: 0.9, frontier: 0.9 });
    const slowSmall = { ...small, expectations: { firstTokenP95Ms: 5_000, tokensPerSecond: 200 } };
    const choice = decide({ envelope: { firstTokenP95Ms: 2_000 } }, { estimator }, [
      slowSmall,
      medium,
      frontier,
    ]);
    expect(names(choice)).toEqual(["medium", "frontier", "small"]);
    expect(choice.considered.map(({ inEnvelope }) => inEnvelope)).toEqual([false, true, true]);
    expect(names(decide({ envelope: { totalP95Ms: 1_000 } }, { estimator }))[0]).toBe("small");
  });

  test("a tenant's ceilings bound the route's envelope, and never widen it", () => {
    const estimator = judging({ small: 0.1, medium: 0.9, frontier: 0.92 });
    const missedUnder = (route: RouteEntry["envelope"], ceilings: RouteEntry["envelope"]) =>
      decide({ envelope: route }, { estimator, tenant: tenantEntry({ envelope: ceilings }) })
        .envelopeMissed;
    expect(missedUnder({}, {})).toBe(false);
    expect(missedUnder({}, { maxMicroUsd: 1 })).toBe(true);
    expect(missedUnder({ maxMicroUsd: 1 }, { maxMicroUsd: 1_000_000 })).toBe(true);
    expect(missedUnder({ maxMicroUsd: 1 }, { totalP95Ms: 60_000 })).toBe(true);
    expect(
      missedUnder({ firstTokenP95Ms: 9_000 }, { totalP95Ms: 60_000, maxMicroUsd: 1_000_000 }),
    ).toBe(false);
  });

  test("the floor outranks the envelope: if none keeps both, the best serves and says so", () => {
    const estimator = judging({ small: 0.5, medium: 0.6, frontier: 0.9 });
    const choice = decide({ envelope: { firstTokenP95Ms: 1_000 } }, { estimator });
    expect(names(choice)).toEqual(["frontier", "medium", "small"]);
    expect(choice).toMatchObject({ reason: "envelope_missed", envelopeMissed: true });
  });

  test("nothing keeps the envelope: the best inside the hard limits", () => {
    const choice = decide({ envelope: { firstTokenP95Ms: 1 } });
    expect(names(choice)[0]).toBe("frontier");
    expect(choice).toMatchObject({ reason: "envelope_missed", envelopeMissed: true });
  });

  test("a tenant who may not use the baseline is still held to the floor measured on it", () => {
    const tenant = tenantEntry({ allowedBackends: ["small", "medium"] });
    const near = judging({ small: 0.5, medium: 0.9, frontier: 0.92 });
    expect(decide({}, { tenant, estimator: near })).toMatchObject({
      reason: "cheapest",
      confidence: 0.9,
    });
    const far = judging({ small: 0.5, medium: 0.6, frontier: 0.92 });
    const choice = decide({}, { tenant, estimator: far });
    expect(choice).toMatchObject({ reason: "best_permitted", confidence: 0.6 });
    expect(names(choice)).toEqual(["medium", "small"]);
  });

  test("a baseline that the table has lost leaves nothing to measure by: the best serves", () => {
    const choice = decide({ baseline: "gone" });
    expect(choice.reason).toBe("best_permitted");
    expect(names(choice)[0]).toBe("frontier");
  });

  test("by tier, an easy question goes to the smallest and a hard one to the strongest", () => {
    const hard =
      String.raw`Prove that \sum_{k=1}^{n} k^3 = (\sum_{k=1}^{n} k)^2 for n = 1, 2, 3, ... `.repeat(
        8,
      );
    const needs = chatNeeds({ messages: [{ role: "user", content: hard }], max_tokens: 100 });
    const easy = decide();
    expect(names(easy)[0]).toBe("small");
    expect(easy.confidenceSource).toBe("tier");
    expect(names(decide({}, { needs }))[0]).toBe("frontier");
  });
});

describe("a floor to be certified, without a certificate", () => {
  test("means the baseline, however dear", () => {
    const choice = decide(certified);
    expect(names(choice)[0]).toBe("frontier");
    expect(choice).toMatchObject({ reason: "no_plan", envelopeMissed: false });
  });

  test("outranks the envelope", () => {
    const choice = decide({ ...certified, envelope: { maxMicroUsd: 1 } });
    expect(names(choice)[0]).toBe("frontier");
    expect(choice).toMatchObject({ reason: "no_plan", envelopeMissed: true });
  });

  test("gives a tenant who may not use the baseline the best that it may use", () => {
    const tenant = tenantEntry({ allowedBackends: ["small", "medium"] });
    const choice = decide({ ...certified, envelope: { firstTokenP95Ms: 400 } }, { tenant });
    expect(names(choice)).toEqual(["medium", "small"]);
    expect(choice).toMatchObject({ reason: "best_permitted", envelopeMissed: true });
  });
});

describe("the rest of the chain", () => {
  const equal = { tier: "Large" as const, prices: pricedAt(1, 1) };
  const lead = backendEntry("lead", { ...equal, prices: pricedAt(0.5, 0.5) });
  const chainOf = (
    others: BackendEntry[],
    input: Partial<ChoiceInput> = {},
    changes: Partial<RouteEntry> = {},
  ) =>
    names(decide({ ...certified, baseline: "lead", ...changes }, input, [...others, lead])).slice(
      1,
    );

  test("those inside the envelope come first", () => {
    const slow = backendEntry("slow", {
      ...equal,
      tier: "Frontier",
      expectations: { firstTokenP95Ms: 9_000, tokensPerSecond: 50 },
    });
    const quick = backendEntry("quick", { ...equal, tier: "Small" });
    expect(chainOf([slow, quick], {}, { envelope: { firstTokenP95Ms: 1_000 } })).toEqual([
      "quick",
      "slow",
    ]);
  });

  test("then those that probably answer correctly", () => {
    expect(
      chainOf([small, medium, frontier], {
        needs: chatNeeds({ messages: [{ role: "user", content: "x".repeat(900) }] }),
      }),
    ).toEqual(["frontier", "medium", "small"]);
  });

  test("one that has failed lately comes later, and is forgiven with time", () => {
    const clock = standingClock();
    const book = new LatencyBook(clock);
    const others = [
      backendEntry("sick", { ...equal, prices: pricedAt(0.9, 0.9) }),
      backendEntry("well", equal),
    ];
    expect(chainOf(others, { book })).toEqual(["sick", "well"]);
    for (let index = 0; index < 20; index += 1)
      book.observe(others[0]!, { route: "chat", ok: false });
    expect(chainOf(others, { book })).toEqual(["well", "sick"]);
    clock.advance(15 * 60_000);
    expect(chainOf(others, { book })).toEqual(["sick", "well"]);
  });

  test("then the cheaper", () => {
    expect(
      chainOf([
        backendEntry("dear", { ...equal, prices: pricedAt(2, 2) }),
        backendEntry("cheap", equal),
      ]),
    ).toEqual(["cheap", "dear"]);
  });

  test("on ties one that shares neither provider nor region with the first", () => {
    const elsewhere = { type: "Bedrock" as const, modelId: "m", region: "eu-west-1" };
    const other = {
      type: "SageMaker" as const,
      endpointName: "e",
      region: "eu-west-1",
      payload: "OpenAIChat" as const,
    };
    const others = [
      backendEntry("same", equal),
      backendEntry("region", { ...equal, target: elsewhere }),
      backendEntry("both", { ...equal, target: other }),
    ];
    expect(chainOf(others)).toEqual(["both", "region", "same"]);
  });
});

describe("the other selections", () => {
  test("Ordered keeps the author's order, whatever it costs, and says when the first breaks the envelope", () => {
    const choice = decide({ selection: "Ordered", envelope: { firstTokenP95Ms: 400 } }, {}, [
      frontier,
      small,
      medium,
    ]);
    expect(names(choice)).toEqual(["frontier", "small", "medium"]);
    expect(choice).toMatchObject({ reason: "ordered", envelopeMissed: true });
  });

  test("Ordered begins with the first that is permitted", () => {
    const tenant = tenantEntry({ allowedBackends: ["medium", "small"] });
    const choice = decide({ selection: "Ordered" }, { tenant }, [frontier, medium, small]);
    expect(names(choice)).toEqual(["medium", "small"]);
    expect(choice.considered[0]).toMatchObject({
      backend: { name: "frontier" },
      dropped: { limit: "allowed_backends" },
    });
  });

  test.each([
    [0, ["small", "frontier", "medium"]],
    [0.099, ["small", "frontier", "medium"]],
    [0.1, ["medium", "frontier", "small"]],
    [0.399, ["medium", "frontier", "small"]],
    [0.4, ["frontier", "medium", "small"]],
    [0.999_999, ["frontier", "medium", "small"]],
  ])("Weighted draws by the number %d and orders the rest by weight", (weight, chain) => {
    const candidates = [
      { backend: "small", weight: 10 },
      { backend: "medium", weight: 30 },
      { backend: "frontier", weight: 60 },
    ];
    const choice = decide(
      { selection: "Weighted", candidates },
      { draws: { ...plainDraws, weight } },
    );
    expect(names(choice)).toEqual(chain);
    expect(choice.reason).toBe("weighted");
  });

  test("weights of nothing but zero fall back on the author's order", () => {
    const candidates = backends.map(({ name }) => ({ backend: name, weight: 0 }));
    expect(
      names(
        decide({ selection: "Weighted", candidates }, { draws: { ...plainDraws, weight: 0.7 } }),
      ),
    ).toEqual(["small", "medium", "frontier"]);
  });
});

test("a backend that stands twice among the candidates is considered once", () => {
  const candidates = ["small", "small", "gone", "medium"].map((backend) => ({
    backend,
    weight: 1,
  }));
  const choice = decide({ candidates, selection: "Ordered" });
  expect(names(choice)).toEqual(["small", "medium"]);
  expect(choice.considered).toHaveLength(2);
});

describe("an ejected candidate", () => {
  const health = () => new BackendHealth(standingClock(), () => 0);

  test("leaves the chain, and says so", () => {
    const ailing = health();
    eject(medium, ailing);
    const choice = decide({ selection: "Ordered" }, { health: ailing });
    expect(names(choice)).toEqual(["small", "frontier"]);
    expect(choice.away).toEqual([medium]);
    expect(choice.considered[1]).toMatchObject({
      backend: medium,
      estimates: { firstTokenP95Ms: 600 },
      dropped: { limit: "ejected", message: "medium is ejected for now: consecutive_failures" },
    });
  });

  test("that is the baseline of a certified route gives way to the best there is, and that is told", () => {
    const ailing = health();
    eject(frontier, ailing);
    const choice = decide({ ...certified, baseline: "frontier" }, { health: ailing });
    expect(names(choice)).toEqual(["medium", "small"]);
    expect(choice.reason).toBe("baseline_away");
  });

  test("stays where all are ejected: the one that was left alone longest", () => {
    const clock = standingClock();
    const ailing = new BackendHealth(clock, () => 0);
    for (const backend of [medium, small, frontier]) {
      eject(backend, ailing);
      clock.advance(1);
    }
    const choice = decide({ selection: "Ordered" }, { health: ailing });
    expect(names(choice)).toEqual(["medium"]);
    expect(choice.away).toEqual([small, frontier]);
  });
});

describe("a candidate that is full", () => {
  const full = (...names: readonly string[]) => ({
    hasRoom: ({ name }: BackendEntry) => !names.includes(name),
  });

  test("leaves the chain, and says so", () => {
    const choice = decide({ selection: "Ordered" }, full("small"));
    expect(names(choice)).toEqual(["medium", "frontier"]);
    expect(choice.considered[0]).toMatchObject({
      backend: small,
      estimates: { firstTokenP95Ms: 300 },
      dropped: { limit: "full", message: "small has all the calls that it may have" },
    });
  });

  test("stays where nobody else is left, rather than one that is ejected", () => {
    const ailing = allWell();
    eject(small, ailing);
    const choice = decide({ selection: "Ordered" }, { health: ailing, ...full("medium") }, [
      small,
      medium,
    ]);
    expect(names(choice)).toEqual(["medium"]);
  });
});

describe("a route that drift has pinned", () => {
  const pinned = { since: 1, reason: "Accuracy fell." };
  const estimator = judging({ small: 0.99, medium: 0.9, frontier: 0.92 });

  test.each([
    ["CheapestWithinEnvelope" as const, "cheapest"],
    ["Ordered" as const, "ordered"],
    ["Weighted" as const, "weighted"],
  ])(
    "of selection %s serves its baseline, whatever it would choose otherwise",
    (selection, reason) => {
      const usual = decide({ selection, baseline: "frontier" }, { estimator });
      expect([names(usual)[0], usual.reason]).toEqual(["small", reason]);
      const choice = decide({ selection, baseline: "frontier", pinned }, { estimator });
      expect(choice).toMatchObject({ reason: "pinned", plan: null, planRefusal: null, arm: null });
      expect(names(choice)[0]).toBe("frontier");
      expect(names(choice).toSorted()).toEqual(["frontier", "medium", "small"]);
    },
  );

  test("follows no plan, and draws no control arm", () => {
    const plan = planEntryOf(planOf([small]));
    const draws = { ...plainDraws, control: 0 };
    const arms = { shadowPercent: 0, controlPercent: 50 };
    const choice = decide({ baseline: "frontier", pinned, arms }, { estimator, plan, draws });
    expect(choice).toMatchObject({ reason: "pinned", plan: null, arm: null });
  });

  test("whose baseline is away is served by the best that may", () => {
    const health = allWell();
    eject(frontier, health);
    const choice = decide({ baseline: "frontier", pinned }, { estimator, health });
    expect([names(choice)[0], choice.reason]).toEqual(["small", "baseline_away"]);
  });
});
