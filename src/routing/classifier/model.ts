import * as z from "zod";
import { slotCount } from "../features/feature-vector.ts";
import { denseCount } from "../features/dense.ts";

/** Of the file. Another number: written by a release whose models mean something else. */
export const modelVersion = 1;

const finite = z.number();
const numbers = z.array(finite);
const share = z.number().min(0).max(1);

/** Logits of a correct answer by tier, from what the heads say. */
const stage = z.object({
  /** By tier: the constant, then a weight for each input. */
  weights: z.array(numbers),
});

const header = z.object({
  version: z.literal(modelVersion),
  name: z.string().min(1).max(100),
  featureHash: z.string(),
  tiers: z.array(z.string()).min(2).max(8),
  /** What each head says, in the order of the weights. */
  heads: z.array(z.string()).min(1).max(32),
  /** Where the heads of the output tokens' logarithms begin; there is one a tier. */
  tokensAt: z.int().min(0),
  /** By head: what an int8 weight of 1 stands for. */
  scales: numbers,
  /** By head: the constant, then a weight for each dense feature. */
  dense: z.array(numbers),
  /** By tier: mean of the tokens over the mean of what the head says. */
  tokenScales: numbers,
  stages: z.object({
    /** Inputs: the heads. */
    hidden: stage,
    /** Inputs: the heads, then the route's prior by tier. */
    known: stage,
  }),
  prior: z.object({
    pseudoCount: z.number().positive(),
    /** By tier: the share of correct answers over all routes. */
    overall: z.array(share),
    /** The training data's routes. */
    routes: z.record(z.string(), z.object({ count: z.int(), correct: numbers })),
  }),
  support: z.object({
    foreign_letters: finite,
    cut: finite,
    earlier_turns: finite,
    tools: finite,
    images: finite,
  }),
  training: z.object({
    sources: z.array(z.string()),
    dataDigest: z.string(),
    rows: z.int(),
    seed: z.int(),
  }),
  metrics: z.record(z.string(), finite),
});

export type ModelHeader = z.infer<typeof header>;

/** A trained classifier, as it is in a model file. */
export interface ClassifierModel {
  header: ModelHeader;
  /** By slot, then by head: `slotCount` times as many as there are heads. */
  weights: Int8Array;
}

/** What is wrong with a header, or undefined: its shape, then whether its parts fit each other. */
export function headerProblem(value: unknown): string | undefined {
  const parsed = header.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "malformed"}`;
  }
  return misfit(parsed.data);
}

function misfit(found: ModelHeader): string | undefined {
  const heads = found.heads.length;
  const tiers = found.tiers.length;
  const lengths: readonly (readonly [string, number, number])[] = [
    ["scales", found.scales.length, heads],
    ["dense", found.dense.length, heads],
    ["tokenScales", found.tokenScales.length, tiers],
    ["stages.hidden", found.stages.hidden.weights.length, tiers],
    ["stages.known", found.stages.known.weights.length, tiers],
    ["prior.overall", found.prior.overall.length, tiers],
    ...found.dense.map((row) => ["dense", row.length, 1 + denseCount] as const),
    ...found.stages.hidden.weights.map((row) => ["stages.hidden", row.length, 1 + heads] as const),
    ...found.stages.known.weights.map(
      (row) => ["stages.known", row.length, 1 + heads + tiers] as const,
    ),
    ...Object.values(found.prior.routes).map(
      ({ correct }) => ["prior.routes", correct.length, tiers] as const,
    ),
  ];
  const wrong = lengths.find(([, length, wanted]) => length !== wanted);
  if (wrong !== undefined) return `${wrong[0]} has ${wrong[1]} members, not ${wrong[2]}`;
  if (found.tokensAt + tiers > heads) return "tokensAt points behind the heads";
  return undefined;
}

/** Bytes of the weights that belong to a header. */
export const weightCount = (found: ModelHeader): number => slotCount * found.heads.length;
