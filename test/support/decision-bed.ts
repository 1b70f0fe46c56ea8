// A decision by itself: four candidates, one a tier, judged by the shipped classifier and a plan, or by tier alone.
import { loadClassifier } from "../../src/cli/model-store.ts";
import { systemClock } from "../../src/lib/index.ts";
import { BackendHealth, LatencyBook, type ChoiceInput } from "../../src/routing/index.ts";
import {
  backendEntry,
  byName,
  certificateOf,
  plainDraws,
  planEntryOf,
  planOf,
  pricedAt,
  routeEntry,
} from "../unit/routing/sample-entries.ts";

const tiers = ["Small", "Medium", "Large", "Frontier"] as const;
const backends = tiers.map((tier, place) =>
  backendEntry(tier.toLowerCase(), { tier, prices: pricedAt(0.1 * 5 ** place, 0.5 * 5 ** place) }),
);

/** All that a choice takes but the request's needs. */
export type DecisionBed = Omit<ChoiceInput, "needs">;

export async function decisionBeds(): Promise<{ planned: DecisionBed; byTier: DecisionBed }> {
  const estimator = await loadClassifier();
  const certificate = certificateOf({ baseline: "frontier" });
  const plan = planEntryOf(planOf(backends, { lambda: 100, model: estimator.digest, certificate }));
  return { planned: { ...bed(), estimator, plan }, byTier: bed() };
}

const bed = (): DecisionBed => ({
  route: routeEntry(backends, { quality: { floorPercent: 95, assurance: "Certified" } }),
  backends: byName(backends),
  tenant: null,
  book: new LatencyBook(systemClock),
  health: new BackendHealth(systemClock, Math.random),
  hasRoom: () => true,
  draws: plainDraws,
  now: 0,
});
