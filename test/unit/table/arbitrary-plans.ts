import * as fc from "fast-check";

import {
  planDigest,
  planName,
  type Plan,
  type PlanEntry,
  type RouteEntry,
} from "../../../src/table/index.ts";

const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
const logOdds = fc.double({ min: -1_000, max: 1_000, noNaN: true }).map((each) => each + 0);
const handicap = fc.double({ min: 0, max: 1e9, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const count = fc.nat();

const certificate = fc.record({
  floorPercent: fc.nat({ max: 100 }),
  baseline: fc.constant("large"),
  confidence: fc.constantFrom(0.9, 0.95),
  lowerBound: share,
  labels: fc.record({ golden: count, shadow: count, feedback: count }),
  issuedAt: count,
  expiresAt: count,
  prices: digest,
});

/** Plans that may choose the given backends, of which there is at least one. */
function arbitraryPlan(backends: readonly string[]): fc.Arbitrary<Plan> {
  return fc
    .record(
      {
        lambda: share,
        candidates: fc
          .subarray([...backends], { minLength: 1 })
          .chain((names) =>
            fc.tuple(
              ...names.map((backend) => fc.record({ backend: fc.constant(backend), handicap })),
            ),
          ),
        prior: fc.array(logOdds, { minLength: 4, maxLength: 4 }),
        model: digest,
        certificate: fc.option(certificate),
      },
      { requiredKeys: ["lambda", "candidates", "model", "certificate"] },
    )
    .map((plan) => ({ ...plan, digest: planDigest(plan) }));
}

const interval = fc
  .tuple(share, share, share)
  .map((numbers) => numbers.toSorted((left, right) => left - right))
  .map(([lower = 0, estimate = 0, upper = 0]) => ({ lower, estimate, upper }));

const measured = fc.record({
  at: count,
  labels: count,
  requests: count,
  kept: fc.option(interval),
  saved: fc.option(interval),
});

/** At most one plan for each of the routes' tenants and one for the route itself. */
export function arbitraryPlans(
  routes: Readonly<Record<string, RouteEntry>>,
): fc.Arbitrary<Record<string, PlanEntry>> {
  const planned = Object.values(routes).filter(({ candidates }) => candidates.length > 0);
  if (planned.length === 0) return fc.constant({});
  const entry = fc
    .tuple(fc.constantFrom(...planned), fc.constantFrom(null, "acme", "initech"))
    .chain(([{ name, candidates }, tenant]): fc.Arbitrary<PlanEntry> => {
      const plan = arbitraryPlan(candidates.map(({ backend }) => backend));
      return fc.record(
        {
          route: fc.constant(name),
          tenant: fc.constant(tenant),
          current: fc.option(plan),
          next: fc.record({ plan, sharePercent: fc.integer({ min: 1, max: 100 }) }),
          measured,
        },
        { requiredKeys: ["route", "tenant", "current"] },
      );
    });
  return fc
    .uniqueArray(entry, { selector: planName, maxLength: 5 })
    .map((entries) => Object.fromEntries(entries.map((each) => [planName(each), each])));
}
