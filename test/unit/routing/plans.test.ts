import { describe, expect, test } from "vitest";

import {
  BackendHealth,
  choose,
  downgrade,
  LatencyBook,
  type Choice,
  type ChoiceInput,
} from "../../../src/routing/index.ts";
import type { BackendEntry, RouteEntry } from "../../../src/table/index.ts";
import {
  allWell,
  backendEntry,
  byName,
  certificateOf,
  chatNeeds,
  eject,
  judging,
  plainDraws,
  planEntryOf,
  planOf,
  pricedAt,
  routeEntry,
  standingClock,
  tenantEntry,
} from "./sample-entries.ts";

const small = backendEntry("small", { tier: "Small", prices: pricedAt(0.2, 0.2) });
const medium = backendEntry("medium", { tier: "Medium", prices: pricedAt(1, 1) });
const frontier = backendEntry("frontier", { tier: "Frontier", prices: pricedAt(10, 10) });
const backends = [small, medium, frontier];

const correct = { small: 0.7, medium: 0.85, frontier: 0.9 };
const estimator = judging(correct);
/** About 0.001 USD on frontier: 100 tokens out, 7 in. The λ by which each of the three is best. */
const lambdas = { small: 10_000, medium: 100, frontier: 10 };
const certified = { floorPercent: 95, assurance: "Certified" as const };

function decide(
  input: Partial<ChoiceInput> = {},
  changes: Partial<RouteEntry> = {},
  among: readonly BackendEntry[] = backends,
): Choice {
  const choice = choose({
    route: routeEntry(among, { quality: certified, ...changes }),
    backends: byName(among),
    tenant: null,
    needs: chatNeeds(),
    book: new LatencyBook(standingClock()),
    health: allWell(),
    hasRoom: () => true,
    draws: plainDraws,
    now: 0,
    estimator,
    ...input,
  });
  if (!choice.ok) throw new Error(choice.error.message);
  return choice.value;
}

const names = ({ chain }: Choice) => chain.map(({ backend }) => backend.name);
const without = (...gone: readonly string[]) => ({
  hasRoom: ({ name }: BackendEntry) => !gone.includes(name),
});

describe("a certified plan", () => {
  test.each(Object.entries(lambdas))("chooses %s where a dollar must buy %d", (first, lambda) => {
    const plan = planOf(backends, { lambda });
    const choice = decide({ plan: planEntryOf(plan) });
    expect(names(choice)[0]).toBe(first);
    expect(choice).toMatchObject({
      reason: "planned",
      confidence: correct[first as keyof typeof correct],
      confidenceSource: "plan",
      classifier: "judge",
      plan: { plan, own: false, rollout: "current" },
      planRefusal: null,
      arm: null,
    });
  });

  test("weighs what a request costs, not what it might", () => {
    const lambda = lambdas.small;
    const talkative = judging(correct, { tokens: 1 });
    expect(
      names(decide({ plan: planEntryOf(planOf(backends, { lambda })), estimator: talkative }))[0],
    ).toBe("medium");
  });

  test("among equals takes the more correct, and of those the cheaper", () => {
    const plan = planEntryOf(planOf(backends, { lambda: 0 }));
    const equal = judging({ small: 0.9, medium: 0.9, frontier: 0.9 });
    const handicapped = planOf(backends, { handicaps: { medium: 0.05, frontier: 0.1 } });
    const level = judging({ small: 0.8, medium: 0.85, frontier: 0.9 });
    expect(names(decide({ plan, estimator: equal }))[0]).toBe("small");
    expect(names(decide({ plan: planEntryOf(handicapped), estimator: level }))[0]).toBe("frontier");
  });

  test("holds back whom its handicap holds back", () => {
    const handicaps = { medium: 0.2 };
    const plan = planOf(backends, { lambda: lambdas.medium, handicaps });
    const choice = decide({ plan: planEntryOf(plan) });
    expect(names(choice)[0]).not.toBe("medium");
    expect(choice.considered[1]).toMatchObject({ handicap: 0.2 });
  });

  test("leads to nobody whom it does not allow", () => {
    const plan = planOf([small, frontier], { lambda: lambdas.medium });
    const choice = decide({ plan: planEntryOf(plan) });
    expect(names(choice)[0]).toBe("frontier");
    expect(choice.considered[1]).toMatchObject({ handicap: null, value: null });
  });

  test("is followed by the rest of the route's candidates, as they would serve as fallbacks", () => {
    const plan = planOf([small, frontier], { lambda: lambdas.small });
    expect(names(decide({ plan: planEntryOf(plan) }))).toEqual(["small", "frontier", "medium"]);
  });

  test("tells the classifier what is known of the route", () => {
    const heard: unknown[] = [];
    const asked = {
      ...estimator,
      judge: (...given: Parameters<typeof estimator.judge>) => {
        heard.push(given[1]);
        return estimator.judge(...given);
      },
    };
    const prior = [0.1, 0.2, 0.3, 0.4];
    decide({ plan: planEntryOf(planOf(backends, { prior })), estimator: asked });
    decide({ plan: planEntryOf(planOf(backends)), estimator: asked });
    expect(heard).toEqual([prior, undefined]);
  });
});

describe("without a plan that holds, the baseline serves a floor that must be certified", () => {
  const live = planOf(backends, { lambda: lambdas.small });
  const entry = planEntryOf(live);
  const expiring = (expiresAt: number) =>
    planEntryOf({ ...live, certificate: certificateOf({ expiresAt }) });

  const cases: [reason: string, input: Partial<ChoiceInput>, route?: Partial<RouteEntry>][] = [
    ["no_plan", {}],
    ["no_plan", { plan: planEntryOf(null) }],
    ["uncertified", { plan: planEntryOf({ ...live, certificate: null }) }],
    ["expired", { plan: expiring(0) }],
    ["model_changed", { plan: planEntryOf({ ...live, model: "older" }) }],
    ["model_changed", { plan: entry, estimator: undefined }],
    ["floor_raised", { plan: entry }, { quality: { ...certified, floorPercent: 96 } }],
    [
      "baseline_changed",
      { plan: planEntryOf({ ...live, certificate: certificateOf({ baseline: "medium" }) }) },
    ],
    ["unfamiliar", { plan: entry, estimator: judging(correct, { unfamiliar: ["tools"] }) }],
    [
      "plan_barred",
      {
        plan: planEntryOf(planOf([small])),
        tenant: tenantEntry({ allowedBackends: ["frontier"] }),
      },
    ],
  ];

  test.each(cases)("and says %s", (reason, input, route = {}) => {
    const choice = decide(input, route);
    expect(names(choice)[0]).toBe("frontier");
    expect(choice).toMatchObject({ reason, plan: null, planRefusal: reason });
  });

  test("a certificate holds until the moment of its expiry", () => {
    expect(decide({ plan: expiring(1) }).reason).toBe("planned");
  });

  test("what the classifier has never seen is told", () => {
    const stranger = judging(correct, { unfamiliar: ["tools", "images"] });
    const choice = decide({ plan: entry, estimator: stranger });
    expect(choice).toMatchObject({
      unfamiliar: ["tools", "images"],
      classifier: null,
      confidenceSource: "tier",
    });
  });

  test("a route that takes the classifier's word needs no certificate", () => {
    const plan = planEntryOf({ ...live, certificate: null });
    const quality = { floorPercent: 95, assurance: "Estimated" as const };
    const choice = decide({ plan }, { quality });
    expect(names(choice)[0]).toBe("small");
    expect(choice.reason).toBe("planned");
    expect(decide({ plan: expiring(0) }, { quality })).toMatchObject({
      reason: "cheapest",
      planRefusal: "expired",
    });
  });
});

describe("a tenant who may not use the baseline", () => {
  const tenant = tenantEntry({ allowedBackends: ["small", "medium"] });
  const plan = planOf(backends, { lambda: lambdas.small });

  test("gets the best that it may use, whatever the pooled plan says", () => {
    const choice = decide({ tenant, plan: planEntryOf(plan) });
    expect(names(choice)[0]).toBe("medium");
    expect(choice).toMatchObject({ reason: "best_permitted", plan: null });
  });

  test("follows a plan of its own", () => {
    const choice = decide({ tenant, plan: planEntryOf(plan, { tenant: "acme" }) });
    expect(names(choice)[0]).toBe("small");
    expect(choice).toMatchObject({ reason: "planned", plan: { own: true } });
  });
});

describe("a newer plan", () => {
  const older = planOf(backends, { digest: "older", lambda: lambdas.frontier });
  const newer = planOf(backends, { digest: "newer", lambda: lambdas.small });
  const entry = planEntryOf(older, { next: { plan: newer, sharePercent: 25 } });
  const drawn = (rollout: number) => ({ draws: { ...plainDraws, rollout } });

  test.each([
    [0, "newer", "next"],
    [0.249, "newer", "next"],
    [0.25, "older", "current"],
    [0.999, "older", "current"],
  ])(
    "of 25 %% of the requests is followed at a draw of %d by the %s one",
    (draw, digest, rollout) => {
      const choice = decide({ plan: entry, ...drawn(draw) });
      expect(choice.plan).toMatchObject({ plan: { digest }, rollout });
    },
  );

  test("that does not hold leaves its share to the plan in force", () => {
    const broken = { ...newer, model: "older" };
    const plan = planEntryOf(older, { next: { plan: broken, sharePercent: 100 } });
    expect(decide({ plan, ...drawn(0) }).plan).toMatchObject({ rollout: "current" });
  });

  test("leaves the others to the baseline where none is in force", () => {
    const plan = planEntryOf(null, { next: { plan: newer, sharePercent: 50 } });
    expect(decide({ plan, ...drawn(0.4) }).reason).toBe("planned");
    expect(decide({ plan, ...drawn(0.6) }).reason).toBe("no_plan");
  });
});

describe("where the plan's choice cannot serve", () => {
  const slow = { ...medium, expectations: { firstTokenP95Ms: 5_000, tokensPerSecond: 100 } };
  const plan = planEntryOf(planOf(backends, { lambda: lambdas.medium }));
  const envelope = { firstTokenP95Ms: 2_000 };

  test("within the envelope, one that is judged no worse stands in", () => {
    const choice = decide({ plan }, { envelope }, [small, slow, frontier]);
    expect(names(choice)[0]).toBe("frontier");
    expect(choice).toMatchObject({ reason: "planned", envelopeMissed: false });
  });

  test("and nobody as good keeps the envelope, the floor outranks it", () => {
    const both = { ...frontier, expectations: slow.expectations };
    const choice = decide({ plan }, { envelope }, [small, slow, both]);
    expect(names(choice)[0]).toBe("medium");
    expect(choice).toMatchObject({ reason: "envelope_missed", envelopeMissed: true });
  });

  test("being full, one that is judged no worse stands in, and never a cheaper, worse one", () => {
    const choice = decide({ plan, ...without("medium") });
    expect(names(choice)).toEqual(["frontier", "small"]);
    expect(choice.reason).toBe("planned_away");
  });

  test("and none is as good, the baseline keeps the floor", () => {
    const few = planEntryOf(
      planOf([small, medium], {
        lambda: lambdas.medium,
      }),
    );
    const choice = decide({ plan: few, ...without("medium") });
    expect(names(choice)[0]).toBe("frontier");
    expect(choice.reason).toBe("planned_away");
  });

  test("and the baseline neither, the best that it allows serves", () => {
    const choice = decide({ plan, ...without("medium", "frontier") });
    expect(names(choice)).toEqual(["small"]);
    expect(choice.reason).toBe("planned_away");
  });

  test("being ejected like all the others, the one left alone longest serves", () => {
    const clock = standingClock();
    const health = new BackendHealth(clock, () => 0);
    for (const backend of [small, frontier, medium]) {
      eject(backend, health);
      clock.advance(1);
    }
    expect(names(decide({ plan, health }))).toEqual(["small"]);
  });
});

describe("a candidate that has had its share", () => {
  const plan = planEntryOf(planOf(backends, { lambda: lambdas.small }));
  const spent = (...names: readonly string[]) => ({
    hasShare: ({ name }: BackendEntry) => !names.includes(name),
  });

  test("gives way, and says so", () => {
    const choice = decide({ plan, ...spent("small") });
    expect(names(choice)).toEqual(["medium", "frontier"]);
    expect(choice.away).toEqual([small]);
    expect(choice.considered[0]).toMatchObject({ dropped: { limit: "share" }, p: 0.7 });
  });

  test("serves rather than one that is ejected or full", () => {
    const choice = decide({ plan, ...spent("frontier"), ...without("small", "medium") });
    expect(names(choice)).toEqual(["frontier"]);
  });

  test("serves where all have had theirs, chosen as ever", () => {
    const choice = decide({ plan, ...spent("small", "medium", "frontier") });
    expect(names(choice)).toEqual(["small", "frontier", "medium"]);
    expect(choice.away).toEqual([]);
  });

  test("gives way on routes of any selection", () => {
    expect(names(decide(spent("small"), { selection: "Ordered" }))).toEqual(["medium", "frontier"]);
  });
});

describe("the control arm", () => {
  const plan = planEntryOf(planOf(backends, { lambda: lambdas.small }));
  const arms = { shadowPercent: 0, controlPercent: 20 };
  const drawn = (control: number) => ({ draws: { ...plainDraws, control } });

  test.each(["CheapestWithinEnvelope", "Ordered", "Weighted"] as const)(
    "of a route with selection %s is served by the baseline",
    (selection) => {
      const choice = decide({ plan, ...drawn(0.19) }, { arms, selection });
      expect(names(choice)[0]).toBe("frontier");
      expect(choice).toMatchObject({ reason: "control", arm: "control", plan: null });
    },
  );

  test("is nobody beyond its share", () => {
    const choice = decide({ plan, ...drawn(0.2) }, { arms });
    expect(names(choice)[0]).toBe("small");
    expect(choice.arm).toBeNull();
    expect(decide({ plan, ...drawn(0) }).arm).toBeNull();
  });

  test("is nobody while the baseline is away: the plan chooses as ever", () => {
    const choice = decide({ plan, ...drawn(0), ...without("frontier") }, { arms });
    expect(choice).toMatchObject({ reason: "planned", arm: null });
  });
});

test("where there is nothing to choose nor to compare, no classifier is asked", () => {
  const silent = {
    digest: "judge",
    judge: () => {
      throw new Error("asked");
    },
  };
  const source = (changes: Partial<RouteEntry>, among = backends) =>
    decide({ estimator: silent }, changes, among).confidenceSource;
  expect(source({ selection: "Ordered" })).toBe("tier");
  expect(source({ selection: "Weighted" })).toBe("tier");
  expect(source({}, [frontier])).toBe("tier");
  expect(() => source({})).toThrow("asked");
});

describe("a budget that moves a request to a cheaper model", () => {
  const plan = planEntryOf(planOf(backends, { lambda: lambdas.medium }));

  test("takes it from its plan, which must answer for its own choices alone", () => {
    const planned = decide({ plan });
    expect([planned.chain[0]?.backend.name, planned.reason]).toEqual(["medium", "planned"]);
    expect(downgrade(planned)).toMatchObject({
      reason: "downgraded",
      plan: null,
      confidenceSource: "classifier",
    });
  });

  test("leaves it to the plan that chose the cheapest itself", () => {
    const planned = decide({
      plan: planEntryOf(planOf(backends, { lambda: lambdas.small })),
    });
    expect(planned.chain[0]?.backend.name).toBe("small");
    expect(downgrade(planned).plan).toEqual(planned.plan);
  });
});
