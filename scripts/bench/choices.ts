// What a whole choice costs, by itself: reading the request's needs, judging it and ordering the candidates.
import type { ChatRequest } from "../../src/openai/index.ts";
import { choose, needsOf } from "../../src/routing/index.ts";
import { decisionBeds, type DecisionBed } from "../../test/support/decision-bed.ts";
import type { Compared } from "./comparisons.ts";
import { spreadOf } from "./report.ts";

/** Of a whole choice among four candidates for a prompt of 1,000 characters. */
export interface Choices {
  /** With the shipped classifier and a plan. */
  choicePlannedP50Us: Compared;
  choicePlannedP99Us: Compared;
  /** By the candidates' tiers alone. */
  choiceByTierP50Us: Compared;
  choiceByTierP99Us: Compared;
}

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

/** Microseconds of every choice, sorted, by round. */
function timesOf(bed: DecisionBed): number[][] {
  const requests = Array.from({ length: prompts }, (_, index) => requestOf(index));
  const looks: number[][] = [];
  for (let round = 0; round < warming + rounds; round += 1) {
    const micros: number[] = [];
    for (const request of requests) {
      const began = performance.now();
      const choice = choose({ ...bed, needs: needsOf(request) });
      const took = (performance.now() - began) * 1_000;
      if (!choice.ok) throw new Error(choice.error.message);
      micros.push(took);
    }
    if (round >= warming) looks.push(micros.toSorted((one, other) => one - other));
  }
  return looks;
}

/** With the shipped classifier and a plan, and by the tier alone, side by side. */
export async function measureChoices(): Promise<Choices> {
  const beds = await decisionBeds();
  const planned = timesOf(beds.planned);
  const byTier = timesOf(beds.byTier);
  return {
    choicePlannedP50Us: at(planned, 0.5),
    choicePlannedP99Us: at(planned, 0.99),
    choiceByTierP50Us: at(byTier, 0.5),
    choiceByTierP99Us: at(byTier, 0.99),
  };
}

const at = (rounds: readonly (readonly number[])[], share: number): Compared =>
  spreadOf(rounds.map((times) => times[Math.floor(times.length * share)] ?? NaN));
