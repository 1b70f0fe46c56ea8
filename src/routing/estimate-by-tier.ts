import type { Tier } from "../table/index.ts";
import type { Estimator, Judgement } from "./estimator.ts";
import type { RequestFeatures, RequestNeeds } from "./request-needs.ts";

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

/** What stands in for a classifier: where there is none, and for requests that it has never seen the like of. */
export const estimateByTier: Estimator = { digest: null, judge: (needs) => judgeByTier(needs) };

const familiar: readonly string[] = [];
const asUsual = (): undefined => undefined;

/** @param unfamiliar why no classifier is asked */
export function judgeByTier(
  { type, features }: RequestNeeds,
  unfamiliar: readonly string[] = familiar,
): Judgement {
  // An Embeddings route has one model only, wherever it runs: no candidate is better than another.
  if (type === "Embeddings") {
    return { source: "tier", unfamiliar, pCorrect: () => 1, outputTokens: () => 0 };
  }
  const difficulty = difficultyOf(features);
  const reasoning = features.reasoningEffort * reasoningGain;
  return {
    source: "tier",
    unfamiliar,
    pCorrect(backend) {
      const gain = backend.capabilities.includes("Reasoning") ? reasoning : 0;
      return 1 / (1 + Math.exp(difficulty - abilities[backend.tier] - gain));
    },
    outputTokens: asUsual,
  };
}
