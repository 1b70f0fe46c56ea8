import type { Assignment } from "./lambda-policy.ts";
import { normalQuantile } from "./certify.ts";
import { calibrationError } from "./measures.ts";
import type { ScoredPrompt } from "./scored-prompt.ts";

/** What a policy came to on the prompts of one route or of one tenant. */
export interface GroupQuality {
  name: string;
  prompts: number;
  /** Share of the prompts that the strongest answers correctly. */
  strongest: number;
  /** Share of the strongest's cost that was saved. */
  saved: number;
  /** Share of the strongest's correct answers that was kept, with a two-sided 95 % interval. */
  kept: { estimate: number; lower: number; upper: number };
  calibrationError: number;
}

/** By name. @param nameOf undefined leaves a prompt out */
export function qualityByGroup(
  scored: readonly ScoredPrompt[],
  assignment: Assignment,
  nameOf: (scored: ScoredPrompt) => string | undefined,
): GroupQuality[] {
  const groups = Map.groupBy(scored.keys(), (place) => {
    const each = scored[place];
    return each === undefined ? undefined : nameOf(each);
  });
  const found: GroupQuality[] = [];
  for (const [name, places] of groups) {
    if (name !== undefined) found.push(qualityOf(name, places, scored, assignment));
  }
  return found.toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function qualityOf(
  name: string,
  places: readonly number[],
  scored: readonly ScoredPrompt[],
  assignment: Assignment,
): GroupQuality {
  const own = places.flatMap((place) => scored.slice(place, place + 1));
  const chosen = own.map(({ prompt }, index) => {
    const tier = assignment[places[index] ?? 0] ?? 0;
    return {
      correct: prompt.correct[tier] ?? 0,
      strongest: prompt.correct.at(-1) ?? 0,
      cost: prompt.costUsd[tier] ?? 0,
      dearest: prompt.costUsd.at(-1) ?? 0,
    };
  });
  const sum = (of: (each: (typeof chosen)[number]) => number): number =>
    chosen.reduce((total, each) => total + of(each), 0);
  return {
    name,
    prompts: own.length,
    strongest: sum(({ strongest }) => strongest) / own.length,
    saved: 1 - sum(({ cost }) => cost) / sum(({ dearest }) => dearest),
    kept: keptOf(chosen),
    calibrationError: calibrationError(own),
  };
}

/** A ratio of two sums over the same prompts, by its linear approximation. */
export function keptOf(
  chosen: readonly { correct: number; strongest: number }[],
): GroupQuality["kept"] {
  const correct = chosen.reduce((sum, each) => sum + each.correct, 0);
  const strongest = chosen.reduce((sum, each) => sum + each.strongest, 0);
  const estimate = correct / strongest;
  // Two prompts more that disagree: agreement of a handful by chance must not pass for certainty.
  const squares = chosen.reduce(
    (sum, each) => sum + (each.correct - estimate * each.strongest) ** 2,
    2,
  );
  const spread = (normalQuantile(0.975) * Math.sqrt(squares)) / strongest;
  return { estimate, lower: Math.max(0, estimate - spread), upper: estimate + spread };
}
