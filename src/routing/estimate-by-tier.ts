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

/** The log-odds by which an empty question is easier than the mean exam's. Assumed, not measured. */
const emptyDifficulty = -3.5;

/** A backend that can reason gains this much where the client asks for the most of it. Assumed. */
const reasoningGain = 0.5;

/**
 * Log-odds that a request loses, from what can be read off it. The weights of length, mathematics,
 * code and numbers are fitted to 7,148 exam questions of the same benchmarks; those of tools and
 * effort are assumed. On 1,258 other questions, which were looked at when the form was chosen, a
 * floor of 95 % kept 98.5 % of the strongest tier's accuracy on MMLU-Pro and 94.7 % on ZeroEval.
 */
function difficultyOf(features: RequestFeatures): number {
  const length = 4.4 * saturate(features.characters, 200);
  const mathematics = 1.7 * saturate(features.mathMarks, 8);
  const code = 0.5 * saturate(features.codeMarks, 20);
  const numbers = saturate(features.numbers, 6);
  const tools = features.tools === 0 ? 0 : 0.5 + saturate(features.tools, 10);
  const asked = length + mathematics + code + numbers + tools;
  return emptyDifficulty + asked + features.reasoningEffort;
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
