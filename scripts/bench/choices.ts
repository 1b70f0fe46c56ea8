// What a whole choice costs, by itself: reading the request's needs, judging it and ordering the candidates.
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
} from "../../test/unit/routing/sample-entries.ts";

const tiers = ["Small", "Medium", "Large", "Frontier"] as const;
const backends = tiers.map((tier, place) =>
  backendEntry(tier.toLowerCase(), { tier, prices: pricedAt(0.1 * 5 ** place, 0.5 * 5 ** place) }),
);
const prompts = 200;
const rounds = 25;
const warming = 5;
const characters = 1_000;

/** Plain words, no two prompts alike. */
function requestOf(index: number): ChatRequest {
  let content = "";
  for (let word = index * 7; content.length < characters; word += 1) {
    content += `${(word * 2_654_435_761).toString(36)} of the ${word % 13 === 0 ? "sum" : "tale"}, `;
  }
  return {
    model: "assistant",
    messages: [{ role: "user", content: content.slice(0, characters) }],
  };
}

type Way = Pick<ChoiceInput, "estimator" | "plan">;

/** Microseconds of every choice, sorted. */
function timesOf(way: Way): number[] {
  const requests = Array.from({ length: prompts }, (_, index) => requestOf(index));
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
  const micros: number[] = [];
  for (let round = 0; round < warming + rounds; round += 1) {
    for (const request of requests) {
      const began = performance.now();
      const choice = choose({ ...input, needs: needsOf(request) });
      const took = (performance.now() - began) * 1_000;
      if (!choice.ok) throw new Error(choice.error.message);
      if (round >= warming) micros.push(took);
    }
  }
  return micros.toSorted((one, other) => one - other);
}

/** Lines for people: with the shipped classifier and a plan, and by the tier alone, side by side. */
export async function choiceCostLines(): Promise<string[]> {
  const estimator = await loadClassifier();
  const certificate = certificateOf({ baseline: "frontier" });
  const plan = planEntryOf(planOf(backends, { lambda: 100, model: estimator.digest, certificate }));
  const rows: [string, number[]][] = [
    ["by classifier and plan", timesOf({ estimator, plan })],
    ["by tier", timesOf({})],
  ];
  return [
    "",
    `A whole choice among ${backends.length} candidates for a prompt of ${characters} characters, in µs:`,
    ...rows.map(
      ([name, times]) => `  ${name.padEnd(24)} p50 ${at(times, 0.5)}, p99 ${at(times, 0.99)}`,
    ),
  ];
}

function at(times: readonly number[], share: number): string {
  return (times[Math.floor(times.length * share)] ?? NaN).toFixed(1);
}
