import { Classifier, decide, plainQuestion, type ClassifierModel } from "../routing/index.ts";

/** Microseconds. */
export interface DecisionMicros {
  p50: number;
  p99: number;
}

const length = 1_000;
const prompts = 500;
const warming = 10;
const rounds = 30;

/** How long the scoring of a prompt of 1,000 characters and the choice take, each timed by itself. */
export function timeDecisions(model: ClassifierModel, texts: readonly string[]): DecisionMicros {
  const classifier = new Classifier(model);
  const questions = questionsFrom(texts);
  const costs = new Float64Array(model.header.tiers.length);
  const micros: number[] = [];
  for (let round = 0; round < warming + rounds; round += 1) {
    for (const question of questions) {
      const startedAt = performance.now();
      const { correct, outputTokens } = classifier.score(question);
      for (let tier = 0; tier < costs.length; tier += 1) {
        costs[tier] = (outputTokens[tier] ?? 0) * 1e-6 * (1 + tier);
      }
      decide(correct, costs, 1);
      if (round >= warming) micros.push((performance.now() - startedAt) * 1_000);
    }
  }
  micros.sort((left, right) => left - right);
  const at = (share: number): number => micros[Math.floor(share * (micros.length - 1))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

function questionsFrom(texts: readonly string[]) {
  const text = texts.join(" ").padEnd(length, "words ");
  const last = Math.max(1, text.length - length);
  return Array.from({ length: prompts }, (_, place) => {
    const start = (place * length) % last;
    return plainQuestion(text.slice(start, start + length));
  });
}
