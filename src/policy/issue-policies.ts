import { createHash } from "node:crypto";
import * as z from "zod";
import { canonicalJson, err, ok, type Json, type Result } from "../lib/index.ts";
import { certify } from "./certify.ts";
import type { LabelledPrompt, TierMenu } from "./labelled-prompt.ts";
import { lambdaLadder } from "./lambda-policy.ts";
import { joinLabels, pairedLabels } from "./paired-labels.ts";
import { crossFittedScores, scorePrompts, type ScoredPrompt } from "./scored-prompt.ts";
import type { Trained } from "./train-model.ts";

const policy = z.object({
  /** Share of the strongest's correct answers that is kept. */
  floor: z.number().min(0).max(1),
  /** Whether the classifier is told which route a prompt came on. */
  routes: z.enum(["known", "hidden"]),
  /** Correctness that a dollar must buy. */
  lambda: z.number(),
  certificate: z.object({
    confidence: z.number(),
    lowerBound: z.number(),
    /** Of the policy's own model. */
    labels: z.int(),
    /** Of the training data, each scored by parts of the training that did not see it. */
    crossFitted: z.int(),
    allowance: z.number(),
  }),
});

const file = z.object({
  version: z.literal(1),
  /** Digests of what the certificates hold for: with another model or other prices they are void. */
  model: z.string(),
  prices: z.string(),
  /** The routes that the labels are of; on others nothing is certified. */
  routes: z.array(z.string()),
  /** Marks of all prompts that training or certificates have seen, as base64. */
  seen: z.base64(),
  policies: z.array(policy),
});

export type IssuedPolicy = z.infer<typeof policy>;
export type IssuedPolicies = z.infer<typeof file>;

/** @param text of a policies' file. @returns what is wrong with it, as a sentence, where something is */
export function readPolicies(text: string): Result<IssuedPolicies, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err("it is not JSON");
  }
  const parsed = file.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  return err(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "malformed"}`);
}

export const floors = [0.95, 0.98, 0.99, 1] as const;

/** One-sided: the floor is to hold in 97 of 100 worlds, whatever they are like. */
export const confidence = 0.97;

/**
 * How far the mean of cross-fitted labels may be off the shipped model's own: they are of models that
 * were trained on four fifths of the data, which makes them rather worse than better.
 */
const crossFitAllowance = 0.002;

export interface PolicyInput {
  trained: Trained;
  training: readonly LabelledPrompt[];
  /** Labels that no training has seen. */
  clean: readonly LabelledPrompt[];
  menu: TierMenu;
}

/**
 * For each floor the cheapest λ that is certified, with routes told and without. The labels are the
 * clean ones and the training's own, cross-fitted: four times as many, which narrows the bound by half.
 */
export function issuePolicies(input: PolicyInput): readonly IssuedPolicy[] {
  return (["known", "hidden"] as const).flatMap((routes) => {
    const crossFitted = crossFittedScores(input, routes === "hidden");
    const clean = scorePrompts(input.trained.model, input.clean, {
      menu: input.menu,
      hideRoutes: routes === "hidden",
    });
    return certifyFloors(crossFitted, clean).map((each) => ({ routes, ...each }));
  });
}

function certifyFloors(
  crossFitted: readonly ScoredPrompt[],
  clean: readonly ScoredPrompt[],
): Omit<IssuedPolicy, "routes">[] {
  const labels = joinLabels(pairedLabels(crossFitted), pairedLabels(clean));
  const share = crossFitted.length / (crossFitted.length + clean.length);
  const allowance = crossFitAllowance * share;
  return floors.map((floor) => {
    const { rung, lowerBound } = certify(labels, { floor, confidence, allowance });
    return {
      floor,
      lambda: lambdaLadder[rung] ?? 0,
      certificate: {
        confidence,
        lowerBound,
        labels: clean.length,
        crossFitted: crossFitted.length,
        allowance,
      },
    };
  });
}

/** Names a price list: certificates of one say nothing about another. */
export function priceDigest({ tiers, usdPerMTok }: TierMenu): string {
  const text = canonicalJson({ tiers, usdPerMTok } as unknown as Json);
  return createHash("sha256").update(text).digest("hex");
}
