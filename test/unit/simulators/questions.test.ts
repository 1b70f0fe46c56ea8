import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { seededRandom } from "../../../src/lib/index.ts";
import { evaluate } from "../../../src/simulators/mind/arithmetic.ts";
import { solveQuestion, writeQuestion } from "../../../src/simulators/mind/questions.ts";

describe("questions whose answer can be computed", () => {
  const cases: [question: string, answer: string | undefined][] = [
    ["What is 17 * 23?", "391"],
    ["Please calculate (3 + 4) × 12 − 5.", "79"],
    ["what's 1,200 / 8", "150"],
    ["Compute 1 / 3", "0.333333"],
    ["What is -3 + 10?", "7"],
    ["What is 5 / 0?", undefined],
    ["What is a sonnet?", undefined],
    ["What is 42?", undefined],
    ["Which of these is the largest number?\nA) 12\nB) 99\nC) 7", "B"],
    ["Which is the smallest? (A) 4 (B) 2 (C) 8", "B"],
    ["Which of these is a prime number?\nA) 21\nB) 27\nC) 29\nD) 33", "C"],
    ["Which of these is a prime number?\nA) 3\nB) 5", undefined],
    ["What is the next number in the sequence: 2, 5, 8, 11?", "14"],
    ["What is the next term in the series 1, 2, 4, 7, 11?", "16"],
    ["What is the next number in the sequence: 2, 9, 4, 1?", undefined],
    ['How many times does the letter "r" appear in the word "strawberries"?', "3"],
    [
      "Mira has 10 apples. She buys 5, then doubles what is left, then eats 4. How many apples does she have now?",
      "26",
    ],
    ["Tell me about the tide.", undefined],
  ];

  test.each(cases)("%s", (question, answer) => {
    expect(solveQuestion(question)?.answer).toBe(answer);
  });

  test("a wrong answer is never the true one, and there is always one to give", () => {
    for (let seed = 1; seed <= 400; seed += 1) {
      const question = writeQuestion(seededRandom(seed), (seed % 10) / 10);
      const solved = solveQuestion(question);
      expect(solved, question).toBeDefined();
      expect(solved?.wrong.length, question).toBeGreaterThan(0);
      expect(solved?.wrong).not.toContain(solved?.answer);
      expect(solved?.difficulty).toBeGreaterThanOrEqual(0);
      expect(solved?.difficulty).toBeLessThanOrEqual(1);
    }
  });
});

test("arithmetic agrees with JavaScript's own, for any expression", () => {
  interface Known {
    text: string;
    value: number;
  }
  const combine = (left: Known, sign: string, right: Known): Known => ({
    text: `(${left.text} ${sign} ${right.text})`,
    value: operations[sign]?.(left.value, right.value) ?? Number.NaN,
  });
  const { known } = fc.letrec<{ known: Known }>((tie) => ({
    known: fc.oneof(
      { maxDepth: 4 },
      fc.nat({ max: 999 }).map((value) => ({ text: String(value), value })),
      fc
        .tuple(tie("known"), fc.constantFrom(...Object.keys(operations)), tie("known"))
        .map((parts) => combine(...parts)),
    ),
  }));
  const property = fc.property(known, ({ text, value }) => {
    expect(evaluate(text)?.value).toBe(Number.isFinite(value) ? value : undefined);
  });
  fc.assert(property, { numRuns: 400 });
});

const operations: Record<string, (left: number, right: number) => number> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
};

test("products come before sums, and both go from left to right", () => {
  const cases = {
    "2 + 3 * 4": 14,
    "20 - 5 - 3": 12,
    "2 * 3 + 4 * 5": 26,
    "100 / 5 / 2": 10,
    "-(2 - 5)": 3,
  };
  for (const [text, value] of Object.entries(cases))
    expect(evaluate(text)?.value, text).toBe(value);
});

test("what is no expression has no value", () => {
  for (const text of ["", "1 +", "(1", "1 2", "1 + x", "()"])
    expect(evaluate(text)).toBeUndefined();
});
