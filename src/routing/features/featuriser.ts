import { denseFeatures, TextTally } from "./dense.ts";
import { halfBits, halfSlots, type FeatureVector } from "./feature-vector.ts";
import type { Question } from "./question.ts";
import { classOf, digit, letter, plain, space, traits } from "./units.ts";

/** A prompt says what it is about early; the rest is material. */
const scanned = 3_000;

/** Of 32-bit FNV-1a. Signed, as all that it is mixed with: the engine then keeps hashes as integers. */
const basis = 0x811c9dc5 | 0;
const prime = 0x01000193;

/** More than a text of so many characters has: a mark by itself is two, and each character begins two. */
const mostHashes = 2 * (scanned + 2);

// Scratch space of all featurisers: none is interrupted at its work. As constants of the module the engine
// knows where they lie and how long they are, which saves a seventh of the time.

/** Simplified. */
const simple = new Uint16Array(scanned + 2);
const hashes = new Int32Array(mostHashes);
/** A bit for each slot of a half, so that all of them stay in the processor's nearest cache. */
const touched = new Int32Array(halfSlots / 32);

/**
 * Makes a question's features, the same for training and serving. It allocates nothing per question.
 *
 * It is most of what a choice costs: its loops are small, hold all they touch in local variables, and
 * calculate where a branch would be a coin's toss (the sign of a hash, whether a slot was met before).
 */
export class Featuriser {
  readonly #tally = new TextTally();

  /** Overwrites `into`. */
  featurise(question: Question, into: FeatureVector): void {
    const length = this.#simplify(question.text);
    into.count = 0;
    addHashes(hashWords(length), 0, into);
    into.words = into.count;
    addHashes(hashCharacters(length), halfSlots, into);
    denseFeatures(question, this.#tally, into.dense);
  }

  /** The text with every run of spaces as one, framed by spaces; counts what passes by. */
  #simplify(text: string): number {
    const { byTraits, runs } = this.#tally.reset();
    const end = Math.min(text.length, scanned);
    simple[0] = 0x20;
    let length = 1;
    let before = space;
    for (let index = 0; index < end; index += 1) {
      const unit = text.charCodeAt(index);
      const trait = traits[unit] ?? 0;
      const kind = classOf(trait);
      byTraits[trait] = (byTraits[trait] ?? 0) + 1;
      runs[kind] = (runs[kind] ?? 0) + differs(kind, before);
      simple[length] = plain[unit] ?? unit;
      // A space behind a space is written over by what comes next.
      length += differs(kind | before, space);
      before = kind;
    }
    this.#tally.units = end;
    if (before !== space) {
      simple[length] = 0x20;
      length += 1;
    }
    return length;
  }
}

/**
 * A slot counts once, however often it is met; its sign is a bit of its own, of the first to come. What
 * a half of the slots holds has a length of 1 together.
 */
function addHashes(hashCount: number, half: number, into: FeatureVector): void {
  touched.fill(0);
  const { slots, values } = into;
  const from = into.count;
  let count = from;
  for (let index = 0; index < hashCount; index += 1) {
    const hash = hashes[index] ?? 0;
    const slot = (hash ^ (hash >>> halfBits)) & (halfSlots - 1);
    const bits = touched[slot >>> 5] ?? 0;
    slots[count] = half + slot;
    values[count] = (hash >> 31) | 1;
    // A slot met before is written over by what comes next.
    count += (~bits >>> (slot & 31)) & 1;
    touched[slot >>> 5] = bits | (1 << (slot & 31));
  }
  into.count = count;
  normalise(values, from, count);
}

/** 1 where two small numbers differ, else 0, without a branch. */
const differs = (left: number, right: number): number => -(left ^ right) >>> 31;

/**
 * Words and pairs of words: a word is a run of letters and digits, or a mark by itself. Numbers of
 * as many digits are one word: which number it is says nothing of how hard the question is.
 *
 * @returns how many there are
 */
function hashWords(length: number): number {
  let count = 0;
  let hash = basis;
  let previous = basis;
  let inside = false;
  for (let index = 0; index < length; index += 1) {
    const unit = simple[index] ?? 0;
    const kind = classOf(traits[unit] ?? 0);
    if (kind === letter || kind === digit) {
      hash = Math.imul(hash ^ (kind === digit ? 0x30 : unit), prime);
      inside = true;
      continue;
    }
    if (inside) {
      hashes[count] = hash;
      hashes[count + 1] = pairOf(previous, hash);
      count += 2;
      previous = hash;
      hash = basis;
      inside = false;
    }
    if (kind === space) continue;
    const mark = Math.imul(basis ^ unit, prime);
    hashes[count] = mark;
    hashes[count + 1] = pairOf(previous, mark);
    count += 2;
    previous = mark;
  }
  return count;
}

const pairOf = (previous: number, hash: number): number =>
  Math.imul(Math.imul(previous ^ 0x20, prime) ^ hash, prime);

/** Runs of three and of four characters. */
function hashCharacters(length: number): number {
  if (length < 3) return 0;
  const last = length - 3;
  for (let index = 0; index < last; index += 1) {
    const three = hashOfThree(index);
    hashes[2 * index] = three;
    hashes[2 * index + 1] = Math.imul(three ^ (simple[index + 3] ?? 0), prime);
  }
  hashes[2 * last] = hashOfThree(last);
  return 2 * last + 1;
}

function hashOfThree(at: number): number {
  const one = Math.imul(basis ^ (simple[at] ?? 0), prime);
  const two = Math.imul(one ^ (simple[at + 1] ?? 0), prime);
  return Math.imul(two ^ (simple[at + 2] ?? 0), prime);
}

/** Gives the values of 1 and −1 in a range a length of 1 together. */
function normalise(values: Float32Array, from: number, to: number): void {
  const scale = 1 / Math.sqrt(to - from);
  for (let index = from; index < to; index += 1) values[index] = (values[index] ?? 0) * scale;
}
