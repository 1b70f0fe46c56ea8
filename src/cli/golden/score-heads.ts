import { goldenRequest, type GoldenPrompt } from "../../judging/index.ts";
import { parseChatRequest } from "../../openai/index.ts";
import { Classifier, needsOf } from "../../routing/index.ts";
import type { StoredModel } from "../model-store.ts";

/** What a classifier's heads say of a golden prompt, and whose they are. */
export interface HeadScores {
  heads: number[] | null;
  digest: string | null;
}

/**
 * Scores prompts as the route's classifier does; nothing where that is another than the one at hand.
 *
 * @param wanted digest of the route's classifier; absent: the one of this release
 */
export function headScorer(
  { model, digest }: StoredModel,
  wanted: string | undefined,
): (prompt: GoldenPrompt) => HeadScores {
  if (wanted !== undefined && wanted !== digest) return () => ({ heads: null, digest: null });
  const classifier = new Classifier(model);
  return (prompt) => {
    const parsed = parseChatRequest({ model: "any", ...goldenRequest(prompt) });
    if (!parsed.ok) return { heads: null, digest: null };
    const { heads } = classifier.score(needsOf(parsed.value).question);
    return { heads: [...heads], digest };
  };
}
