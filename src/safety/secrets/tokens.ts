import { matchesOf, nextLongWord, type Detector, type Word } from "../detector.ts";
import type { Match } from "../filter.ts";
import { tokenRules, type TokenRule } from "./token-rules.ts";

const escape = (literal: string): string =>
  literal.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);

const behindAll = "(?![A-Za-z0-9_]|[-+/][A-Za-z0-9])";

interface Compiled {
  rule: string;
  at: RegExp;
}

const compile = (rule: TokenRule, opening: string): Compiled => ({
  rule: `secrets/${rule.name}`,
  at: new RegExp(`${opening}(?:${rule.rest})${behindAll}`, "y"),
});

const byPrefix = new Map<string, Compiled[]>();
for (const rule of tokenRules) {
  for (const prefix of rule.prefixes)
    byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), compile(rule, escape(prefix))]);
}
/** The longer first: `sk-ant-` is not to be taken for `sk-`. */
const prefixes = [...byPrefix.keys()].toSorted((one, other) => other.length - one.length);
// One walk over a long word finds every place worth a closer look.
const anyPrefix = new RegExp(
  `(?<![A-Za-z0-9_]|[A-Za-z0-9_]-)(?:${prefixes.map(escape).join("|")})`,
  "g",
);

/** Those without a prefix are known by what stands in their midst. */
const telegram = /(?<![A-Za-z0-9_])\d{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g;
const azureClient =
  /(?<![A-Za-z0-9_~.])[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~-])/g;
const terraform =
  /(?<![A-Za-z0-9_])[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,70}(?![A-Za-z0-9_])/g;

/** Slack gives out the shortest: a prefix of five and ten more. */
const shortest = 15;

function find(text: string): Match[] {
  const matches: Match[] = [];
  let word = nextLongWord(text, 0, shortest);
  if (word === undefined) return matches;
  for (; word !== undefined; word = nextLongWord(text, word.end, shortest))
    matches.push(...prefixed(text, word));
  if (/\d:[\w-]{35}/.test(text)) matches.push(...named("telegram-token", telegram, text));
  if (text.includes("Q~")) matches.push(...named("azure-client-secret", azureClient, text));
  if (text.includes(".atlasv1.")) matches.push(...named("terraform-token", terraform, text));
  return matches;
}

function prefixed(text: string, { start, end }: Word): Match[] {
  const matches: Match[] = [];
  for (const { 0: prefix, index } of matchesOf(anyPrefix, text.slice(start, end))) {
    const found = firstAt(text, start + index, prefix);
    if (found !== undefined) matches.push(found);
  }
  return matches;
}

const named = (name: string, pattern: RegExp, text: string): Match[] =>
  [...text.matchAll(pattern)].map(({ 0: word, index }) => ({
    rule: `secrets/${name}`,
    start: index,
    end: index + word.length,
  }));

function firstAt(text: string, start: number, prefix: string): Match | undefined {
  for (const { rule, at } of candidates(prefix)) {
    at.lastIndex = start;
    const found = at.exec(text);
    if (found !== null && isRandom(found[0].slice(prefix.length)))
      return { rule, start, end: start + found[0].length };
  }
  return undefined;
}

/** The rules of the prefix, and of shorter ones that it begins with. */
const candidates = (prefix: string): Compiled[] =>
  prefixes
    .filter((other) => prefix.startsWith(other))
    .flatMap((other) => byPrefix.get(other) ?? []);

/** Whether it varies as random text does: `xxxx…` and `aaaa…` stand where a token would. */
const isRandom = (rest: string): boolean => new Set(rest).size >= Math.min(8, rest.length / 3);

export const tokens: Detector = { longest: 7_500, find };
