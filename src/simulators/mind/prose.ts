import type { Random } from "../../lib/index.ts";

import { countTokens } from "./tokens.ts";

const pick = (random: Random, items: readonly string[]): string =>
  items[Math.floor(random() * items.length)] ?? "";

const openers = [
  "In short,",
  "Broadly speaking,",
  "To begin with,",
  "In practice,",
  "As a rule,",
  "Here is the gist:",
  "Seen from afar,",
];
const subjects = [
  "the main idea",
  "a careful reading",
  "most of the work",
  "the usual approach",
  "one detail",
  "the trade-off",
  "a small example",
  "the café's naïve plan",
];
const verbs = [
  "depends on",
  "comes down to",
  "starts from",
  "is explained by",
  "follows from",
  "rests on",
  "becomes clear with",
  "turns on",
];
const objects = [
  "a few plain facts",
  "how the parts fit together",
  "the order of the steps",
  "what is measured first",
  "the limits that were set",
  "the people involved — not the tools",
  "a temperature near 20 °C",
  "good habits",
];
const links = [", and", ", while", ", because", "; then", ", so that", " —"];
const closers = [
  "That is worth checking again.",
  "The rest is detail.",
  "It rarely fails.",
  "Nothing else is needed ✅",
  "Ask for more where it matters.",
  "Costs stay below 5 €.",
];

const stopWords = new Set(
  "about after again also because before being between could does doing from have having into just make more most much only other over please same should some such than that their them then there these they this those through under until very want what when where which while will with would write explain describe tell give your".split(
    " ",
  ),
);

/** Words of a prompt that say what it is about, at most eight. */
export function topicWords(prompt: string): string[] {
  const words =
    prompt
      .slice(0, 4000)
      .toLowerCase()
      .match(/\p{L}{4,24}/gu) ?? [];
  return [...new Set(words.filter((word) => !stopWords.has(word)))].slice(0, 8);
}

/** How many tokens a prompt's answer wants; what people ask for outweighs chance. */
export function wantedLength(prompt: string, random: Random): number {
  const text = prompt.slice(-4000);
  const spread = 0.7 + random() * 0.6;
  if (/\b(?:one word|yes or no|only the|just the)\b/i.test(text)) return Math.ceil(4 * spread);
  if (/\b(?:one|a single) sentence\b|\bbrief(?:ly)?\b|\bshort(?:ly)?\b/i.test(text))
    return Math.ceil(24 * spread);
  if (/\b(?:essay|in detail|detailed|long|thorough(?:ly)?|comprehensive|story)\b/i.test(text))
    return Math.ceil(520 * spread);
  return Math.ceil((50 + 1.5 * Math.min(120, countTokens(text))) * spread);
}

/** Plausible sentences about the prompt's words, about as long as `tokens`. */
export function writeProse(prompt: string, random: Random, tokens: number): string {
  const topics = topicWords(prompt);
  const sentences: string[] = [];
  for (let length = 0; length < tokens;) {
    const sentence = writeSentence(random, topics, sentences.length);
    sentences.push(sentence);
    length += countTokens(sentence);
  }
  return sentences.join(" ");
}

function writeSentence(random: Random, topics: readonly string[], index: number): string {
  if (index > 1 && random() < 0.15) return pick(random, closers);
  const about =
    topics.length > 0 && random() < 0.6
      ? `the matter of ${pick(random, topics)}`
      : pick(random, subjects);
  const clause = `${about} ${pick(random, verbs)} ${pick(random, objects)}`;
  const second =
    random() < 0.45
      ? `${pick(random, links)} ${pick(random, subjects)} ${pick(random, verbs)} ${pick(random, objects)}`
      : "";
  if (random() < 0.35) return `${pick(random, openers)} ${clause}${second}.`;
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}${second}.`;
}
