/** A prompt with what each tier's model made of it. */
export interface LabelledPrompt {
  id: string;
  /** The benchmark or job that the labels come from. */
  source: string;
  route: string;
  /** Whose prompt it is, where that is told. */
  tenant?: string;
  text: string;
  /** By tier: 1 for a correct answer, 0 for a wrong one. */
  correct: readonly number[];
  /** By tier. */
  outputTokens: readonly number[];
  /** By tier: what the answer cost, in USD. */
  costUsd: readonly number[];
  /** 1 or 0 of every model that was judged, those of the tiers among them. */
  judged: Readonly<Record<string, number>>;
}

/** Which model stands for which tier, and what a tier costs. */
export interface TierMenu {
  /** From the cheapest to the baseline. */
  tiers: readonly string[];
  /** By source: the models' names, in the order of the tiers. */
  models: Readonly<Record<string, readonly string[]>>;
  /** By tier: USD per million tokens, of input and of output. */
  usdPerMTok: readonly (readonly [input: number, output: number])[];
}

/** Expected cost of an answer in USD. */
export function costUsd(
  [input, output]: readonly [input: number, output: number],
  inputTokens: number,
  outputTokens: number,
): number {
  return (inputTokens * input + outputTokens * output) / 1e6;
}

/** What a router would guess before it asks: four characters to a token. */
export const guessedInputTokens = (text: string): number => Math.ceil(text.length / 4);
