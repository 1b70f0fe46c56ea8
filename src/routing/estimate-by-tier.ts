import type { BackendEntry, RouteEntry, Tier } from "../table/index.ts";
import type { ConfidenceSource } from "./choice.ts";
import type { RequestFeatures, RequestNeeds } from "./request-needs.ts";

/**
 * What judges how probably a backend answers a request correctly: this heuristic, or a trained
 * classifier in its place. Whatever depends on the request alone is done once, before the candidates.
 */
export type Estimator = (needs: RequestNeeds, route: RouteEntry) => Judgement;

export interface Judgement {
  source: ConfidenceSource;
  /** From 0 to 1. */
  pCorrect(backend: BackendEntry): number;
}

/**
 * Log-odds of a correct answer to an exam question (difficulty 0): the mean of MMLU-Pro and ZeroEval
 * (GSM8K, MATH level 5), each with one model a tier: Llama 3.1 8B and 70B, then Gemini 1.5 Flash and
 * Pro or Claude 3.5 Haiku and Sonnet. What a tier means is the author's word, so these are no more
 * than a prior.
 */
const abilities: Record<Tier, number> = { Small: 0.15, Medium: 0.9, Large: 1, Frontier: 1.3 };

/** A plain short question is this much easier than an exam's. Assumed, not measured. */
const plainDifficulty = -3;

/** A backend that can reason gains this much where the client asks for the most of it. Assumed. */
const reasoningGain = 0.5;

/**
 * Log-odds that a request loses, from what can be read off it. Assumed, and chosen so that a request
 * with every sign of being hard is as hard as an exam's question or harder.
 */
function difficultyOf(features: RequestFeatures): number {
  const length = 1.5 * saturate(features.characters, 2_000);
  const mathematics = 2 * saturate(features.mathMarks, 12);
  const code = 1.2 * saturate(features.codeMarks, 20);
  const tools = features.tools === 0 ? 0 : 0.5 + saturate(features.tools, 10);
  return plainDifficulty + length + mathematics + code + tools + features.reasoningEffort;
}

/** From 0 towards 1, half-way at `half`. */
function saturate(amount: number, half: number): number {
  return amount / (amount + half);
}

export const estimateByTier: Estimator = (needs) => {
  // An Embeddings route has one model only, wherever it runs: no candidate is better than another.
  if (needs.type === "Embeddings") return { source: "tier", pCorrect: () => 1 };
  const { features } = needs;
  const difficulty = difficultyOf(features);
  const reasoning = features.reasoningEffort * reasoningGain;
  return {
    source: "tier",
    pCorrect(backend) {
      const gain = backend.capabilities.includes("Reasoning") ? reasoning : 0;
      return 1 / (1 + Math.exp(difficulty - abilities[backend.tier] - gain));
    },
  };
};
