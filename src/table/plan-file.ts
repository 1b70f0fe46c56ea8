import { z } from "zod";
import type { Result } from "../lib/index.ts";
import { readJsonFile } from "./json-file.ts";
import { planName } from "./plan-digest.ts";
import type { PlanEntry } from "./plan-entry.ts";
import { abilityShape, planShape } from "./plan-shape.ts";

/** Of both files. */
const version = z.literal(1);

/** The plans of one namespace and class, as a ConfigMap holds them. */
export interface PlanFile {
  version: 1;
  /** Absent: default. */
  class?: string;
  plans: readonly PlanEntry[];
}

/** What `switchyard onboard` found of backends that came after the classifier's training. */
export interface AbilityFile {
  version: 1;
  abilities: readonly FittedAbility[];
}

export interface FittedAbility {
  backend: string;
  /** Digest of the classifier whose heads it is a stage over. */
  model: string;
  /** The constant, then a weight for each head. */
  weights: readonly number[];
  /** It was fitted to so many. */
  labels: number;
  /** Milliseconds since the epoch. */
  fittedAt: number;
}

const planFile = z
  .strictObject({
    version,
    class: z.string().min(1).exactOptional(),
    plans: z.array(planShape),
  })
  .superRefine(({ plans }, context) => {
    const seen = new Set<string>();
    for (const [index, entry] of plans.entries()) {
      const name = planName(entry);
      if (seen.has(name)) {
        const message = `the plan of ${name} stands twice`;
        context.addIssue({ code: "custom", message, path: ["plans", index] });
      }
      seen.add(name);
    }
  }) satisfies z.ZodType<PlanFile>;

const abilityFile = z.strictObject({
  version,
  abilities: z.array(abilityShape),
}) satisfies z.ZodType<AbilityFile>;

/** @returns the file, or what is wrong with it, as the rest of a sentence */
export const readPlanFile = (text: string): Result<PlanFile, string> =>
  readJsonFile(planFile, text);

/** @returns the file, or what is wrong with it, as the rest of a sentence */
export const readAbilityFile = (text: string): Result<AbilityFile, string> =>
  readJsonFile(abilityFile, text);
