// Writes the golden set of the local example, test/fixtures/local/golden-set.yaml: sums and sequences from easy to
// hard, whose answers are computed here and nowhere else. The simulators answer them rightly or wrongly by their
// skill. How hard one is shows in its text, by its length, digits and words, so that a classifier can see it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { hashText, seededRandom, type Random } from "../src/lib/index.ts";

const seed = 8;
const sums = 240;
const sequences = 60;

interface Question {
  prompt: string;
  value: number;
}

const between = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));

const wordings = [
  (sum: string) => `What is ${sum}?`,
  (sum: string) => `Calculate ${sum}`,
  (sum: string) =>
    `Compute the exact value of ${sum}, with the usual precedence of operators and without rounding.`,
];

/** @param level from 0, a digit plus a digit, to 1, five operands of up to four digits */
function sum(random: Random, level: number): Question {
  const digits = 1 + Math.round(level * 3 * (0.6 + random() * 0.4));
  const operand = () => between(random, 10 ** (digits - 1), 10 ** digits - 1);
  const terms: number[][] = [[operand()]];
  let text = String(terms[0]?.[0]);
  for (let count = 1 + Math.round(level * 3); count > 0; count -= 1) {
    const next = operand();
    const sign = ["+", "-", "*"][Math.floor(random() * (level < 0.2 ? 2 : 3))] ?? "+";
    text += ` ${sign} ${next}`;
    if (sign === "*") terms.at(-1)?.push(next);
    else terms.push([sign === "-" ? -next : next]);
  }
  const product = (factors: readonly number[]) => factors.reduce((all, each) => all * each, 1);
  const value = terms.reduce((all, factors) => all + product(factors), 0);
  const wording = wordings[Math.min(2, Math.floor(level * 3))] ?? String;
  return { prompt: wording(text), value };
}

/** The steps of a harder one grow. */
function sequence(random: Random, level: number): Question {
  const bend = level > 0.5 ? between(random, 1, 6) : 0;
  let step = between(random, 2, 9 + Math.round(level * 40));
  const terms = [between(random, 1, 20)];
  for (let index = 0; index < 5; index += 1) {
    terms.push((terms.at(-1) ?? 0) + step);
    step += bend;
  }
  const shown = terms.slice(0, 5).join(", ");
  const prompt = `What is the next number in the sequence: ${shown}?`;
  return { prompt, value: terms[5] ?? 0 };
}

function distinct(name: string, count: number, write: (random: Random, level: number) => Question) {
  const random = seededRandom(hashText(`${seed}|${name}`));
  const questions = new Map<string, number>();
  for (let draws = 0; questions.size < count && draws < count * 100; draws += 1) {
    const { prompt, value } = write(random, random());
    // Larger numbers are not exact in every language that answers or checks.
    if (Math.abs(value) < 1e12) questions.set(prompt, value);
  }
  return [...questions].map(([prompt, value], index) => ({
    id: `${name}-${index + 1}`,
    prompt,
    checks: [{ numeric: { value } }],
  }));
}

/** The file's text. */
export function localExam(): string {
  const items = [...distinct("sum", sums, sum), ...distinct("sequence", sequences, sequence)];
  const set = stringify({ version: 1, name: "assistant-exam", items }, { lineWidth: 0 });
  const map = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "assistant-exam", labels: { "switchyard.dev/holds": "golden-set" } },
    data: { "golden-set.yaml": set },
  };
  return `# Questions with known answers for the route assistant: docs/labels.md. Made by scripts/local-exam.ts; do not edit.\n${stringify(map, { lineWidth: 0 })}`;
}

if (import.meta.main)
  writeFileSync(join(import.meta.dirname, "../test/fixtures/local/golden-set.yaml"), localExam());
