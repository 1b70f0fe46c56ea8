import type { Random } from "../../lib/index.ts";

import { findArithmetic } from "./arithmetic.ts";

/** A question whose true answer can be computed from its words. */
export interface Solved {
  answer: string;
  /** 0 (anyone can) to 1 (nobody can). */
  difficulty: number;
  /** Other answers that somebody could give, never the true one. */
  wrong: readonly string[];
}

interface QuestionKind {
  solve(text: string): Solved | undefined;
  /** Writes a question; `level` from 0 to 1 makes it harder. */
  write(random: Random, level: number): string;
}

const between = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));
const clamp = (value: number): number => Math.min(0.98, Math.max(0.02, value));
const pick = <T>(random: Random, items: readonly T[]): T =>
  items[Math.floor(random() * items.length)] as T;

/** At most six decimals, none that are noise of binary fractions. */
const writeNumber = (value: number): string => String(Number(value.toFixed(6)));

const nearMisses = (value: number): string[] =>
  [value + 1, value - 1, value + 10, value - 10, value * 10, value + 2].map(writeNumber);

const arithmetic: QuestionKind = {
  solve(text) {
    const asked =
      /(?:what is|what's|calculate|compute|evaluate|solve|how much is|result of|value of)\b(.{1,220})/is.exec(
        text,
      );
    const found = asked === null ? undefined : findArithmetic(asked[1] ?? "");
    if (found === undefined) return undefined;
    const digits = (asked?.[1] ?? "").replace(/\D/g, "").length;
    const difficulty = clamp(0.02 + 0.045 * digits + 0.05 * (found.operations - 1));
    return { answer: writeNumber(found.value), difficulty, wrong: nearMisses(found.value) };
  },
  write(random, level) {
    const digits = 1 + Math.round(level * 2);
    const operand = (): number => between(random, 10 ** (digits - 1) + 1, 10 ** digits - 1);
    const parts: (string | number)[] = [operand()];
    const operations = 1 + Math.round(level * 3 * random());
    for (let index = 0; index < operations; index += 1)
      parts.push(pick(random, ["+", "-", "*"]), operand());
    return `What is ${parts.join(" ")}?`;
  },
};

const letters = ["A", "B", "C", "D", "E"];

interface Choice {
  letter: string;
  value: number;
}

function readChoices(text: string): Choice[] {
  const found = text.matchAll(/(?:^|\s)\(?([A-E])[).:]\s*(-?\d+(?:\.\d+)?)/g);
  return [...found].map((match) => ({ letter: match[1] ?? "", value: Number(match[2]) }));
}

const choiceTests: Record<string, (choice: Choice, all: readonly Choice[]) => boolean> = {
  largest: (choice, all) => choice.value === Math.max(...all.map((each) => each.value)),
  smallest: (choice, all) => choice.value === Math.min(...all.map((each) => each.value)),
  prime: (choice) => isPrime(choice.value),
};

const multipleChoice: QuestionKind = {
  solve(text) {
    const test =
      choiceTests[
        /which[^?]{0,60}\b(largest|smallest|prime)\b/i.exec(text)?.[1]?.toLowerCase() ?? ""
      ];
    const choices = readChoices(text);
    const right = test === undefined ? [] : choices.filter((choice) => test(choice, choices));
    const [only] = right;
    if (only === undefined || right.length > 1 || choices.length < 2) return undefined;
    const digits = Math.max(...choices.map((choice) => String(choice.value).length));
    const difficulty = clamp((/prime/i.test(text) ? 0.3 : 0.05) + 0.1 * (digits - 1));
    const wrong = choices.filter((choice) => choice !== only).map((choice) => choice.letter);
    return { answer: only.letter, difficulty, wrong };
  },
  write(random, level) {
    const wanted = pick(random, level > 0.4 ? ["prime"] : ["largest", "smallest"]);
    const top = 10 ** (2 + Math.round(level * 2));
    const values = wanted === "prime" ? onePrimeAmong(random, top) : distinct(random, top);
    const listed = values.map((value, index) => `${letters[index]}) ${value}`).join("\n");
    const noun = wanted === "prime" ? "a prime number" : `the ${wanted} number`;
    return `Which of these is ${noun}?\n${listed}\nAnswer with the letter.`;
  },
};

function isPrime(value: number): boolean {
  if (!Number.isInteger(value) || value < 2 || value > 1e9) return false;
  for (let divisor = 2; divisor * divisor <= value; divisor += 1)
    if (value % divisor === 0) return false;
  return true;
}

function distinct(random: Random, top: number): number[] {
  const values = new Set<number>();
  while (values.size < 4) values.add(between(random, 1, top));
  return [...values];
}

function onePrimeAmong(random: Random, top: number): number[] {
  let prime = between(random, top / 10, top);
  while (!isPrime(prime)) prime += 1;
  const values = new Set<number>();
  while (values.size < 3) {
    const candidate = between(random, top / 10, top) | 1;
    if (!isPrime(candidate)) values.add(candidate);
  }
  const place = between(random, 0, 3);
  return [...values].toSpliced(place, 0, prime);
}

const sequence: QuestionKind = {
  solve(text) {
    const listed = /next (?:number|term)[^:\d]{0,60}:?\s*((?:-?\d+\s*,\s*){2,9}-?\d+)/i.exec(
      text,
    )?.[1];
    const terms = (listed ?? "").split(",").map(Number);
    const next = terms.length < 3 ? undefined : continueSequence(terms);
    if (next === undefined) return undefined;
    return {
      answer: writeNumber(next.value),
      difficulty: clamp(next.difficulty),
      wrong: nearMisses(next.value),
    };
  },
  write(random, level) {
    const [first, step, bend] = [
      between(random, 1, 20),
      between(random, 2, 9 + level * 40),
      level > 0.5 ? between(random, 1, 6) : 0,
    ];
    const terms = [first];
    for (let index = 0; index < 4; index += 1)
      terms.push((terms[index] ?? 0) + step + bend * index);
    return `What is the next number in the sequence: ${terms.join(", ")}?`;
  },
};

const differences = (terms: readonly number[]): number[] =>
  terms.slice(1).map((term, index) => term - (terms[index] ?? 0));

function continueSequence(
  terms: readonly number[],
): { value: number; difficulty: number } | undefined {
  const first = differences(terms);
  const second = differences(first);
  if (second.some((difference) => difference !== second[0])) return undefined;
  const bend = second[0] ?? 0;
  const value = (terms.at(-1) ?? 0) + (first.at(-1) ?? 0) + bend;
  return { value, difficulty: (bend === 0 ? 0.12 : 0.5) + 0.05 * String(Math.abs(value)).length };
}

const letterCount: QuestionKind = {
  solve(text) {
    const asked =
      /how many (?:times does the letter |)["'“]?([a-z])["'”]?(?:'s)? (?:appear|are there|occur)s? in (?:the word )?["'“]?([a-z]{2,40})/i.exec(
        text,
      );
    if (asked === null) return undefined;
    const [letter = "", word = ""] = [asked[1]?.toLowerCase(), asked[2]?.toLowerCase()];
    const count = [...word].filter((each) => each === letter).length;
    return {
      answer: String(count),
      difficulty: clamp(0.25 + 0.025 * word.length),
      wrong: nearMisses(count).slice(0, 1),
    };
  },
  write(random, level) {
    const words = level > 0.5 ? longWords : shortWords;
    const word = pick(random, words);
    return `How many times does the letter "${pick(random, [...word])}" appear in the word "${word}"?`;
  },
};

const shortWords = ["banana", "letter", "cheese", "rubber", "street", "summer"];
const longWords = [
  "responsibilities",
  "interconnectedness",
  "mississippi",
  "strawberries",
  "counterproductive",
];

const story: QuestionKind = {
  solve(text) {
    const start = /\bhas (\d+) apples\b/i.exec(text);
    if (start === null || !/how many apples/i.test(text)) return undefined;
    let total = Number(start[1]);
    let steps = 0;
    for (const [, verb = "", amount = ""] of text.matchAll(
      /\b(buys|finds|gives away|eats|doubles)(?: (\d+))?/gi,
    )) {
      total = storySteps[verb.toLowerCase()]?.(total, Number(amount)) ?? total;
      steps += 1;
    }
    return {
      answer: writeNumber(total),
      difficulty: clamp(0.1 + 0.12 * steps),
      wrong: nearMisses(total),
    };
  },
  write(random, level) {
    const clauses: string[] = [];
    for (let index = 0; index <= Math.round(level * 6); index += 1) {
      const verb = pick(random, ["buys", "finds", "gives away", "eats", "doubles"]);
      clauses.push(
        verb === "doubles" ? "doubles what is left" : `${verb} ${between(random, 1, 9)}`,
      );
    }
    return `Mira has ${between(random, 60, 99)} apples. She ${clauses.join(", then ")}. How many apples does she have now?`;
  },
};

const storySteps: Record<string, (total: number, amount: number) => number> = {
  buys: (total, amount) => total + amount,
  finds: (total, amount) => total + amount,
  "gives away": (total, amount) => total - amount,
  eats: (total, amount) => total - amount,
  doubles: (total) => total * 2,
};

// The story comes before arithmetic: its numbers must not be read as an expression.
const kinds: readonly QuestionKind[] = [sequence, multipleChoice, letterCount, story, arithmetic];

/** The true answer and the difficulty, where the text asks something that can be computed. */
export function solveQuestion(text: string): Solved | undefined {
  for (const kind of kinds) {
    const solved = kind.solve(text);
    if (solved !== undefined)
      return { ...solved, wrong: solved.wrong.filter((each) => each !== solved.answer) };
  }
  return undefined;
}

/** One question of a random kind; `level` from 0 to 1 makes it harder. */
export const writeQuestion = (random: Random, level: number): string =>
  pick(random, kinds).write(random, level);
