import { hashText, seededRandom } from "../../lib/index.ts";

import { solveQuestion, writeQuestion } from "./questions.ts";
import { countTokens } from "./tokens.ts";

/** A prompt with an answer that is known to be true, for judging whoever answers it. */
export interface GoldenPrompt {
  prompt: string;
  /** The answer holds this as a word of its own. */
  expected: string;
  /** 0 to 1. */
  difficulty: number;
}

// How fast being right falls off around a model's skill.
const steepness = 11;

const hardWords =
  /\b(?:prove|derive|theorem|optimi[sz]e|refactor|concurren\w*|integral|step by step|analy[sz]e|trade-?offs?|architecture|debug)\b/gi;

/**
 * How hard a prompt is, from 0 to 1: computed for the questions whose answer can be computed, and
 * judged by length and vocabulary for all others.
 */
export function difficultyOf(prompt: string): number {
  const solved = solveQuestion(prompt);
  if (solved !== undefined) return solved.difficulty;
  const length = Math.log2(1 + countTokens(prompt.slice(0, 20_000))) / 40;
  const words = (prompt.slice(0, 20_000).match(hardWords) ?? []).length;
  return Math.min(0.95, 0.05 + length + 0.12 * words);
}

/** The probability that a model of this skill answers a prompt of this difficulty rightly. */
export const probabilityRight = (skill: number, difficulty: number): number =>
  1 / (1 + Math.exp(-steepness * (skill - difficulty)));

/** Whether this model gets this prompt right: always the same for the same seed, model and prompt. */
export function answersRightly(
  seed: number,
  modelId: string,
  skill: number,
  prompt: string,
): boolean {
  const draw = seededRandom(hashText(`${seed}|right|${modelId}|${prompt}`))();
  return draw < probabilityRight(skill, difficultyOf(prompt));
}

/** Different prompts of all difficulties, the same for the same seed. */
export function goldenPrompts(seed: number, count: number): GoldenPrompt[] {
  const random = seededRandom(hashText(`${seed}|golden`));
  const prompts = new Map<string, GoldenPrompt>();
  // Easy questions are few, so the level rises while only known ones are drawn.
  for (let draws = 0; prompts.size < count && draws < count * 200; draws += 1) {
    const prompt = writeQuestion(random, random());
    const solved = solveQuestion(prompt);
    if (solved !== undefined)
      prompts.set(prompt, { prompt, expected: solved.answer, difficulty: solved.difficulty });
  }
  return [...prompts.values()];
}
