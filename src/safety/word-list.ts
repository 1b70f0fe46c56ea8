import type { WordListSettings } from "../table/index.ts";
import { inOrder, type Filter, type Match } from "./filter.ts";

interface Node {
  next: Map<string, Node>;
  /** Where the search goes on when no child fits: the longest end of this that begins a word. */
  elsewhere: Node | undefined;
  /** The lengths of the words that end here. */
  lengths: number[];
}

const newNode = (): Node => ({ next: new Map(), elsewhere: undefined, lengths: [] });

/** Unit by unit and so of the same length: what has a longer small form stays as it is. */
const folded = (unit: string): string => {
  const small = unit.toLowerCase();
  return small.length === 1 ? small : unit;
};

const isWordUnit = (unit: string): boolean => /[\p{L}\p{N}\p{M}_]/u.test(unit);

/** Finds any of many words in one walk over the text, as Aho and Corasick do. */
export function wordListFilter(name: string, settings: WordListSettings): Filter {
  const fold = settings.ignoreCase ? folded : (unit: string): string => unit;
  const root = automaton(
    settings.words.map((word) =>
      Array.from({ length: word.length }, (_, index) => fold(word.charAt(index))),
    ),
  );
  const inspect = (text: string): { filter: string; matches: Match[] } => {
    const matches: Match[] = [];
    let node = root;
    for (let place = 0; place < text.length; place += 1) {
      node = step(root, node, fold(text.charAt(place)));
      for (const length of node.lengths) {
        const match = { rule: "word-list/word", start: place + 1 - length, end: place + 1 };
        if (!settings.wholeWords || standsAlone(text, match)) matches.push(match);
      }
    }
    return { filter: name, matches: inOrder(matches) };
  };
  return { name, window: Math.max(...settings.words.map(({ length }) => length)) + 1, inspect };
}

/** Whether neither side goes on as a word, where the found text begins or ends as one. */
function standsAlone(text: string, { start, end }: Match): boolean {
  const opens = isWordUnit(text.charAt(start)) && isWordUnit(text.charAt(start - 1));
  const goesOn = isWordUnit(text.charAt(end - 1)) && isWordUnit(text.charAt(end));
  return !opens && !goesOn;
}

function step(root: Node, from: Node, unit: string): Node {
  let node: Node | undefined = from;
  while (node !== undefined && !node.next.has(unit)) node = node.elsewhere;
  return node?.next.get(unit) ?? root;
}

function automaton(words: readonly (readonly string[])[]): Node {
  const root = newNode();
  for (const word of words) {
    let node = root;
    for (const unit of word) {
      const next: Node = node.next.get(unit) ?? newNode();
      node.next.set(unit, next);
      node = next;
    }
    if (word.length > 0 && !node.lengths.includes(word.length)) node.lengths.push(word.length);
  }
  linkAll(root);
  return root;
}

/** Breadth first, since a node's elsewhere is nearer to the root than the node. */
function linkAll(root: Node): void {
  const queue = [root];
  for (const node of queue) {
    for (const [unit, child] of node.next) {
      child.elsewhere = node === root ? root : step(root, node.elsewhere ?? root, unit);
      child.lengths.push(...child.elsewhere.lengths);
      queue.push(child);
    }
  }
}
