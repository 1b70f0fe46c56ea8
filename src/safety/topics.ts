import type { TopicsSettings } from "../table/index.ts";
import { inOrder, type Filter, type Match } from "./filter.ts";

interface Word {
  stem: string;
  start: number;
  end: number;
}

interface Example {
  rule: string;
  stems: ReadonlySet<string>;
}

/** Words that stand in texts on any topic. */
const common = new Set(
  "the a an and or but if of to in on at by for with from as is are was were be been am do does did can could should would will shall may might must how what which who whom whose why when where there here this that these those it its i me my mine we us our you your he him his she her they them their not no yes so than then too very just about into over under out up down off again more most some any each all both such only own same s t please tell give make get want need know".split(
    " ",
  ),
);

/** Enough that `buying`, `buys` and `buy` are one; a dictionary would tell better. */
const stemOf = (word: string): string =>
  word
    .toLowerCase()
    .replace(/(?:'s|ies|ing|ed|es|s|e|y)$/, "")
    .slice(0, 32);

function wordsOf(text: string): Word[] {
  return [...text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}'’]*/gu)].flatMap(({ 0: word, index }) =>
    common.has(word.toLowerCase())
      ? []
      : [{ stem: stemOf(word), start: index, end: index + word.length }],
  );
}

/**
 * Finds topics by their words: a text is on a topic where enough of what an example says stands
 * close together. It knows no synonyms, so that it wants several examples a topic.
 */
export function topicsFilter(name: string, settings: TopicsSettings): Filter {
  const examples: Example[] = settings.denied.flatMap((topic) =>
    topic.examples.map((example) => ({
      rule: `topics/${topic.name}`,
      stems: new Set(wordsOf(example).map(({ stem }) => stem)),
    })),
  );
  const share = settings.thresholdPercent / 100;
  const inspect = (text: string): { filter: string; matches: Match[] } => {
    const words = wordsOf(text);
    return {
      filter: name,
      matches: inOrder(examples.flatMap((example) => places(example, words, share))),
    };
  };
  return { name, window: undefined, inspect };
}

/** Stretches of the text, of thrice the example's words at most, that say enough of the example. */
function places({ rule, stems }: Example, words: readonly Word[], share: number): Match[] {
  const said = words.flatMap((word, position) =>
    stems.has(word.stem) ? [{ word, position }] : [],
  );
  const needed = Math.max(1, Math.ceil(stems.size * share));
  const span = Math.max(8, stems.size * 3);
  const matches: Match[] = [];
  let within: typeof said = [];
  for (const found of said) {
    within = [...within.filter(({ position }) => found.position - position < span), found];
    const start = within[0]?.word.start;
    if (start === undefined || new Set(within.map(({ word }) => word.stem)).size < needed) continue;
    matches.push({ rule, start, end: found.word.end });
    // What comes next is another place, not the same one a word longer.
    within = [];
  }
  return matches;
}
