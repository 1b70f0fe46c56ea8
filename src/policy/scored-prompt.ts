import { Classifier, plainQuestion, trainedPrior, type ClassifierModel } from "../routing/index.ts";
import {
  costUsd,
  guessedInputTokens,
  type LabelledPrompt,
  type TierMenu,
} from "./labelled-prompt.ts";
import type { Trained } from "./train-model.ts";

/** What is guessed of a prompt before it is asked, beside what is known of it afterwards. */
export interface ScoredPrompt {
  prompt: LabelledPrompt;
  /** By tier: probability of a correct answer. */
  correct: Float64Array;
  /** By tier: expected cost. */
  costUsd: Float64Array;
}

/** Expected cost by tier of a prompt whose answers' tokens are guessed. */
export function expectedCosts(
  { usdPerMTok }: TierMenu,
  text: string,
  outputTokens: ArrayLike<number>,
): Float64Array {
  const inputTokens = guessedInputTokens(text);
  return Float64Array.from(usdPerMTok, (prices, tier) =>
    costUsd(prices, inputTokens, outputTokens[tier] ?? 0),
  );
}

export interface ScoreOptions {
  menu: TierMenu;
  /** Whether the classifier is told of no route, as where a route is no one subject. */
  hideRoutes: boolean;
}

/** As a router scores them: by the model's own file and features. */
export function scorePrompts(
  model: ClassifierModel,
  prompts: readonly LabelledPrompt[],
  { menu, hideRoutes }: ScoreOptions,
): ScoredPrompt[] {
  const classifier = new Classifier(model);
  return prompts.map((prompt) => {
    const prior = hideRoutes ? undefined : trainedPrior(model.header, prompt.route);
    const { correct, outputTokens } = classifier.score(plainQuestion(prompt.text), prior);
    return {
      prompt,
      correct: Float64Array.from(correct),
      costUsd: expectedCosts(menu, prompt.text, outputTokens),
    };
  });
}

/** The training data as models scored it that were trained without it. */
export function crossFittedScores(
  {
    trained,
    training,
    menu,
  }: { trained: Trained; training: readonly LabelledPrompt[]; menu: TierMenu },
  hideRoutes: boolean,
): ScoredPrompt[] {
  const { known, hidden, outputTokens } = trained.crossFitted;
  const chances = hideRoutes ? hidden : known;
  return training.map((prompt, row) => ({
    prompt,
    correct: chances[row] ?? new Float64Array(),
    costUsd: expectedCosts(menu, prompt.text, outputTokens[row] ?? []),
  }));
}
