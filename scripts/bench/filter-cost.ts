// What the filters of the set-up `withSafety` take for a text, by themselves: without a router around them.
import { makeFilter } from "../../src/safety/index.ts";
import type { OwnFilterSettings } from "../../src/table/index.ts";
import { makeCorpus } from "../safety/corpus.ts";
import { prompt } from "./http/payloads.ts";

const filters: readonly OwnFilterSettings[] = [
  { name: "pii", type: "Pii" },
  { name: "secrets", type: "Secrets" },
  { name: "prompt-injection", type: "PromptInjection" },
];

const kilobytes = 64;
const looks = 7;

const filled = (texts: readonly string[]): string => {
  const text = texts.join("\n");
  return text.repeat(Math.ceil((kilobytes * 1_024) / text.length)).slice(0, kilobytes * 1_024);
};

/** A line for each filter: µs a KB of plain words, and of texts that are full of what it looks for. */
export function filterCostLines(): string[] {
  const plain = filled([prompt]);
  const full = filled(makeCorpus().map(({ text }) => text));
  const rows = filters.map(
    (settings) => [settings.name, costOf(settings, plain), costOf(settings, full)] as const,
  );
  const sums = [1, 2].map((column) => rows.reduce((sum, row) => sum + Number(row[column]), 0));
  return [
    "Filters alone, µs a KB, median: of the prompt's words; of the texts of eval:safety",
    ...[...rows, ["all", ...sums] as const].map(
      ([name, ...costs]) =>
        `  ${name.padEnd(18)}${costs.map((cost) => Number(cost).toFixed(1).padStart(8)).join("")}`,
    ),
  ];
}

function costOf(settings: OwnFilterSettings, text: string): number {
  const made = makeFilter(settings);
  if (!made.ok) throw new Error(made.error);
  const times = Array.from({ length: looks }, () => {
    const began = performance.now();
    made.value.inspect(text);
    return ((performance.now() - began) * 1_000) / kilobytes;
  });
  return times.toSorted((one, other) => one - other)[Math.floor(looks / 2)] ?? Number.NaN;
}
