import { denseFeatures, TextTally } from "./dense.ts";
import { halfBits, halfSlots, slotCount, type FeatureVector } from "./feature-vector.ts";
import type { Question } from "./question.ts";
import { classOf, digit, letter, plain, space, traits } from "./units.ts";

/** A prompt says what it is about early; the rest is material. */
const scanned = 3_000;

const basis = 0x811c9dc5;
const prime = 0x01000193;

/**
 * Makes a question's features, the same for training and serving. It keeps its scratch space, so one
 * of them serves one thread, and allocates nothing per question.
 */
export class Featuriser {
  readonly #text = new Uint16Array(scanned + 2);
  readonly #tally = new TextTally();
  /** By slot: the turn that touched it last, so that nothing need be cleared in between. */
  readonly #touched = new Uint8Array(slotCount);
  #turn = 0;

  /** Overwrites `into`. */
  featurise(question: Question, into: FeatureVector): void {
    this.#nextTurn();
    const length = this.#simplify(question.text);
    into.count = 0;
    this.#addWords(length, into);
    const words = into.count;
    this.#addCharacters(length, into);
    normalise(into.values, 0, words);
    normalise(into.values, words, into.count);
    denseFeatures(question, this.#tally, into.dense);
  }

  #nextTurn(): void {
    this.#turn += 1;
    if (this.#turn < 0x100) return;
    this.#touched.fill(0);
    this.#turn = 1;
  }

  /** The text with every run of spaces as one, framed by spaces; counts what passes by. */
  #simplify(text: string): number {
    const into = this.#text;
    const tally = this.#tally;
    tally.reset();
    const end = Math.min(text.length, scanned);
    into[0] = 0x20;
    let length = 1;
    let before = 0x20;
    for (let index = 0; index < end; index += 1) {
      const unit = text.charCodeAt(index);
      tally.add(traits[unit] ?? 0);
      const simple = plain[unit] ?? unit;
      if (simple === 0x20 && before === 0x20) continue;
      into[length] = simple;
      length += 1;
      before = simple;
    }
    if (before !== 0x20) {
      into[length] = 0x20;
      length += 1;
    }
    return length;
  }

  /**
   * Words and pairs of words: a word is a run of letters and digits, or a mark by itself. Numbers of
   * as many digits are one word: which number it is says nothing of how hard the question is.
   */
  #addWords(length: number, into: FeatureVector): void {
    const text = this.#text;
    let hash = basis;
    let previous = basis;
    let inside = false;
    for (let index = 0; index < length; index += 1) {
      const unit = text[index] ?? 0;
      const kind = classOf(traits[unit] ?? 0);
      if (kind === letter || kind === digit) {
        hash = Math.imul(hash ^ (kind === digit ? 0x30 : unit), prime);
        inside = true;
        continue;
      }
      if (inside) {
        previous = this.#addWord(hash, previous, into);
        hash = basis;
        inside = false;
      }
      if (kind !== space) previous = this.#addWord(Math.imul(basis ^ unit, prime), previous, into);
    }
  }

  #addWord(hash: number, previous: number, into: FeatureVector): number {
    this.#add(hash, 0, into);
    this.#add(Math.imul(Math.imul(previous ^ 0x20, prime) ^ hash, prime), 0, into);
    return hash;
  }

  #addCharacters(length: number, into: FeatureVector): void {
    const text = this.#text;
    for (let index = 0; index + 2 < length; index += 1) {
      let hash = Math.imul(basis ^ (text[index] ?? 0), prime);
      hash = Math.imul(hash ^ (text[index + 1] ?? 0), prime);
      hash = Math.imul(hash ^ (text[index + 2] ?? 0), prime);
      this.#add(hash, halfSlots, into);
      if (index + 3 < length) {
        this.#add(Math.imul(hash ^ (text[index + 3] ?? 0), prime), halfSlots, into);
      }
    }
  }

  /** A slot counts once, however often it is met; its sign is a bit of its own, of the first to come. */
  #add(hash: number, half: number, into: FeatureVector): void {
    const slot = half + ((hash ^ (hash >>> halfBits)) & (halfSlots - 1));
    if (this.#touched[slot] === this.#turn) return;
    this.#touched[slot] = this.#turn;
    into.slots[into.count] = slot;
    into.values[into.count] = hash < 0 ? -1 : 1;
    into.count += 1;
  }
}

/** Gives the values of 1 and −1 in a range a length of 1 together. */
function normalise(values: Float32Array, from: number, to: number): void {
  const scale = 1 / Math.sqrt(to - from);
  for (let index = from; index < to; index += 1) values[index] = (values[index] ?? 0) * scale;
}
