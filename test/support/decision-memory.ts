// Tells as JSON how many bytes a decision leaves on the heap, by the way it is made. To be run with a young
// generation that holds a window's decisions, so that no collection falls between, and with `--expose-gc`.
import { loadClassifier } from "../../src/cli/model-store.ts";
import { systemClock } from "../../src/lib/index.ts";
import type { ChatRequest } from "../../src/openai/index.ts";
import {
  BackendHealth,
  choose,
  LatencyBook,
  needsOf,
  type ChoiceInput,
} from "../../src/routing/index.ts";
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
const decisions = 1_000;
const windows = 5;
/** What the engine compiles and notes down on the way is none of a decision's. */
const warming = 4_000;

const content = "Which of the sums 12 + 30 and 7 * 6 is greater, and by how much? ".repeat(16);
const request: ChatRequest = { model: "assistant", messages: [{ role: "user", content }] };

type Way = Pick<ChoiceInput, "estimator" | "plan">;

/** The median of several windows. */
function bytesOf(way: Way): number {
  const input = {
    route: routeEntry(backends, { quality: { floorPercent: 95, assurance: "Certified" } }),
    backends: byName(backends),
    tenant: null,
    book: new LatencyBook(systemClock),
    health: new BackendHealth(systemClock, Math.random),
    hasRoom: () => true,
    draws: plainDraws,
    now: 0,
    ...way,
  };
  const decide = (times: number): void => {
    for (let time = 0; time < times; time += 1) {
      const choice = choose({ ...input, needs: needsOf(request) });
      if (!choice.ok) throw new Error(choice.error.message);
    }
  };
  decide(warming);
  const seen = Array.from({ length: windows }, () => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    decide(decisions);
    return (process.memoryUsage().heapUsed - before) / decisions;
  });
  return seen.toSorted((one, other) => one - other)[Math.floor(windows / 2)] ?? Number.NaN;
}

const estimator = await loadClassifier();
const certificate = certificateOf({ baseline: "frontier" });
const plan = planEntryOf(planOf(backends, { lambda: 100, model: estimator.digest, certificate }));
const bytes = { byPlan: bytesOf({ estimator, plan }), byTier: bytesOf({}) };
process.stdout.write(JSON.stringify(bytes));
