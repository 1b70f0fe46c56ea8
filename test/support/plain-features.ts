import { classOf, digit, letter, plain, space, traits } from "../../src/routing/features/units.ts";

const scanned = 3_000;
const half = 2 ** 15;

export interface PlainFeatures {
  slots: number[];
  values: number[];
  /** How many of them are of words. */
  words: number;
}

/** What the featuriser makes of a text, written down as plainly as can be: with lists, maps and no care for time. */
export function plainFeatures(text: string): PlainFeatures {
  const units = [0x20, ...unitsOf(text.slice(0, scanned)), 0x20];
  const simple = units.filter((unit, at) => unit !== 0x20 || units[at - 1] !== 0x20);
  const words = unitVector(wordHashes(simple), 0);
  const characters = unitVector(characterHashes(simple), half);
  return {
    slots: [...words.keys(), ...characters.keys()],
    values: [...words.values(), ...characters.values()],
    words: words.size,
  };
}

const unitsOf = (text: string): number[] =>
  Array.from({ length: text.length }, (_, at) => plain[text.charCodeAt(at)] ?? 0);

const kindOf = (unit: number): number => classOf(traits[unit] ?? 0);

/** 32-bit FNV-1a of whole units. */
const hashOf = (units: readonly number[]): number =>
  units.reduce((hash, unit) => Math.imul(hash ^ unit, 0x01000193), 0x811c9dc5);

function wordHashes(simple: readonly number[]): number[] {
  const words: number[][] = [];
  let word: number[] = [];
  for (const unit of simple) {
    const kind = kindOf(unit);
    if (kind === letter) word.push(unit);
    else if (kind === digit) word.push(0x30);
    else {
      words.push(word, kind === space ? [] : [unit]);
      word = [];
    }
  }
  const hashes = words.filter(({ length }) => length > 0).map(hashOf);
  return hashes.flatMap((hash, at) => {
    const spaced = Math.imul((hashes[at - 1] ?? hashOf([])) ^ 0x20, 0x01000193);
    return [hash, Math.imul(spaced ^ hash, 0x01000193)];
  });
}

function characterHashes(simple: readonly number[]): number[] {
  const starts = [...simple.keys()];
  return starts.flatMap((start) =>
    [3, 4]
      .filter((length) => start + length <= simple.length)
      .map((length) => hashOf(simple.slice(start, start + length))),
  );
}

/** By slot, in the order of their coming, each with the sign of the first to come; of length 1 together. */
function unitVector(hashes: readonly number[], from: number): Map<number, number> {
  const signs = new Map<number, number>();
  for (const hash of hashes) {
    const slot = from + ((hash ^ (hash >>> 15)) & (half - 1));
    if (!signs.has(slot)) signs.set(slot, hash < 0 ? -1 : 1);
  }
  const scale = 1 / Math.sqrt(signs.size);
  return new Map([...signs].map(([slot, sign]) => [slot, Math.fround(sign * scale)]));
}
