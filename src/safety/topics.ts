import { atOnce, type Steps } from "../lib/index.ts";
import type { TopicsSettings } from "../table/index.ts";
import { inOrder, type Filter, type Match, type Verdict } from "./filter.ts";

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

function* wordsOf(text: string): Generator<Word> {
  for (const { 0: word, index } of text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}'’]*/gu)) {
    if (common.has(word.toLowerCase())) continue;
    yield { stem: stemOf(word), start: index, end: index + word.length };
  }
}

/**
 * Finds topics by their words: a text is on a topic where enough of what an example says stands
 * close together. It knows no synonyms, so that it wants several examples a topic.
 */
export function topicsFilter(name: string, settings: TopicsSettings): Filter {
  const examples: Example[] = settings.denied.flatMap((topic) =>
    topic.examples.map((example) => ({
      rule: `topics/${topic.name}`,
      stems: new Set(Array.from(wordsOf(example), ({ stem }) => stem)),
    })),
  );
  const wanted = new Set(examples.flatMap(({ stems }) => [...stems]));
  const share = settings.thresholdPercent / 100;
  function* inSteps(text: string): Steps<Verdict> {
    const said = yield* saidOf(text, wanted);
    const matches: Match[] = [];
    for (const example of examples) {
      for (const match of yield* places(example, said, share)) matches.push(match);
    }
    return { filter: name, matches: inOrder(matches) };
  }
  return { name, window: undefined, inspect: (text) => atOnce(inSteps(text)), inSteps };
}

interface Said extends Word {
  /** Among the text's words. */
  position: number;
}

/** So many words are looked at between two pauses. */
const stride = 1_000;

/** The words of a text that any example has. */
function* saidOf(text: string, wanted: ReadonlySet<string>): Steps<Said[]> {
  const said: Said[] = [];
  let position = 0;
  for (const word of wordsOf(text)) {
    if (wanted.has(word.stem)) said.push({ ...word, position });
    position += 1;
    if (position % stride === 0) yield;
  }
  return said;
}

/** Stretches of the text, of thrice the example's words at most, that say enough of the example. */
function* places({ rule, stems }: Example, said: readonly Said[], share: number): Steps<Match[]> {
  const needed = Math.max(1, Math.ceil(stems.size * share));
  const span = Math.max(8, stems.size * 3);
  const matches: Match[] = [];
  let within: Said[] = [];
  for (const [index, found] of said.entries()) {
    if (index % stride === 0) yield;
    if (!stems.has(found.stem)) continue;
    within = [...within.filter(({ position }) => found.position - position < span), found];
    const start = within[0]?.start;
    if (start === undefined || new Set(within.map(({ stem }) => stem)).size < needed) continue;
    matches.push({ rule, start, end: found.end });
    // What comes next is another place, not the same one a word longer.
    within = [];
  }
  return matches;
}
