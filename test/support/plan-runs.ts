// Runs of the plan job on labels of a made-up world, one after the other.
import { planGroup, type PlanOutput } from "../../src/policy/index.ts";
import type { EvidenceRow } from "../../src/records/index.ts";
import type { Plan } from "../../src/table/index.ts";
import { currentOf, goldenPrompt, many, planInput, type World } from "./plan-world.ts";

type Changes = Parameters<typeof planInput>[1];

export const planFor = (evidence: readonly EvidenceRow[], changes: Changes = {}): PlanOutput =>
  planGroup(planInput(evidence, changes));

/** A run of the job after another. */
export const again = (
  { plans }: Pick<PlanOutput, "plans">,
  evidence: readonly EvidenceRow[],
  changes: Changes = {},
): PlanOutput => planFor(evidence, { previous: plans, ...changes });

export const codesOf = ({ findings }: PlanOutput): string[] => findings.map(({ code }) => code);

/** Prompts of a golden set, which every candidate has answered. */
export const goldenLabels = (world: World, count = 300): EvidenceRow[] =>
  many(count, (id) => goldenPrompt(world, id)).flat();

/** The pooled plan of a run. @throws Error where there is none */
export function certifiedBy(output: PlanOutput): Plan {
  const plan = currentOf(output);
  if (plan === undefined) throw new Error("The labels of this world certify a plan");
  return plan;
}
