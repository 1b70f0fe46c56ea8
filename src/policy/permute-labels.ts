import { seededRandom } from "../lib/index.ts";
import type { LabelledPrompt } from "./labelled-prompt.ts";

/**
 * The same prompts with each other's labels: whatever a classifier then seems to gain over a blind mix
 * comes of a leak or of luck.
 */
export function permuteLabels(prompts: readonly LabelledPrompt[], seed: number): LabelledPrompt[] {
  const random = seededRandom(seed);
  const order = Array.from(prompts.keys(), (place) => ({ place, draw: random() })).toSorted(
    (left, right) => left.draw - right.draw,
  );
  return prompts.map((prompt, row) => {
    const labels = prompts[order[row]?.place ?? row] ?? prompt;
    const { correct, outputTokens, costUsd, judged, source } = labels;
    return { ...prompt, correct, outputTokens, costUsd, judged, source };
  });
}
