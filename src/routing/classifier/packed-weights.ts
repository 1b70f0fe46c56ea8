import { slotCount, type FeatureVector } from "../features/feature-vector.ts";
import type { ClassifierModel } from "./model.ts";

/** Weights of a slot that one turn of the loop adds: four words of four bytes, a quarter of a cache line. */
const block = 16;
const wordsOfBlock = block / 4;

/** Makes an int8 a number from 0 to 255, so that lanes never borrow of each other. */
const bias = 128;

/** So many bytes fit a lane of 16 bits, whatever they are. */
const mostAdded = 256;

/** Of a word: the lanes of its bytes 0 and 2; those of 1 and 3 follow, moved down by 8. */
const lanes = 0x00ff00ff;

/**
 * A model's weights as the sums over a question's slots want them: all that a slot has lies together, and
 * one addition of a word is two of weights. A value is ± one number throughout a half, so the sums are of
 * whole numbers, and exact.
 */
export class PackedWeights {
  readonly #heads: number;
  /** By block of heads, then by slot. */
  readonly #blocks: readonly Int32Array[];
  /** By head of a block. */
  readonly #sums = new Int32Array(block);

  constructor({ header, weights }: ClassifierModel) {
    this.#heads = header.heads.length;
    const count = Math.ceil(this.#heads / block);
    this.#blocks = Array.from({ length: count }, (_, at) =>
      packed(weights, this.#heads, at * block),
    );
  }

  /**
   * Sums of the weights of the features' slots, each by its value.
   *
   * @param into overwritten; by head
   */
  sum(features: FeatureVector, into: Float64Array): void {
    const { words, count, values } = features;
    into.fill(0);
    for (const [at, rows] of this.#blocks.entries()) {
      this.#addRange(rows, features, 0, words);
      this.#give(into, at * block, Math.abs(values[0] ?? 0));
      this.#addRange(rows, features, words, count);
      this.#give(into, at * block, Math.abs(values[words] ?? 0));
    }
  }

  /** Moves the sums into the heads from one on. */
  #give(into: Float64Array, from: number, value: number): void {
    const sums = this.#sums;
    const heads = Math.min(block, this.#heads - from);
    for (let head = 0; head < heads; head += 1) {
      into[from + head] = (into[from + head] ?? 0) + (sums[head] ?? 0) * value;
    }
    sums.fill(0);
  }

  #addRange(rows: Int32Array, features: FeatureVector, from: number, to: number): void {
    for (let start = from; start < to; start += mostAdded) {
      addLanes(rows, features, { from: start, to: Math.min(to, start + mostAdded) }, this.#sums);
    }
  }
}

/** Words of a block's heads, by slot; what is beyond the last head weighs nothing. */
function packed(weights: Int8Array, heads: number, first: number): Int32Array {
  const rows = new Int32Array(slotCount * wordsOfBlock).fill(0x80808080);
  const end = Math.min(block, heads - first);
  for (let slot = 0; slot < slotCount; slot += 1) {
    for (let head = 0; head < end; head += 1) {
      const place = slot * wordsOfBlock + (head >> 2);
      const shift = 8 * (head & 3);
      const byte = (weights[slot * heads + first + head] ?? 0) + bias;
      rows[place] = ((rows[place] ?? 0) & ~(0xff << shift)) | (byte << shift);
    }
  }
  return rows;
}

/** Adds the weights of at most `mostAdded` slots; those of negative values count against the sums. */
function addLanes(
  rows: Int32Array,
  { slots, bits }: FeatureVector,
  { from, to }: { from: number; to: number },
  sums: Int32Array,
): void {
  let even0 = 0;
  let odd0 = 0;
  let even1 = 0;
  let odd1 = 0;
  let even2 = 0;
  let odd2 = 0;
  let even3 = 0;
  let odd3 = 0;
  let negatives = 0;
  for (let index = from; index < to; index += 1) {
    const row = (slots[index] ?? 0) * wordsOfBlock;
    // All ones where the value is negative. To flip a biased byte is to negate its weight, less one.
    const flip = (bits[index] ?? 0) >> 31;
    const word0 = (rows[row] ?? 0) ^ flip;
    const word1 = (rows[row + 1] ?? 0) ^ flip;
    const word2 = (rows[row + 2] ?? 0) ^ flip;
    const word3 = (rows[row + 3] ?? 0) ^ flip;
    even0 = (even0 + (word0 & lanes)) | 0;
    odd0 = (odd0 + ((word0 >>> 8) & lanes)) | 0;
    even1 = (even1 + (word1 & lanes)) | 0;
    odd1 = (odd1 + ((word1 >>> 8) & lanes)) | 0;
    even2 = (even2 + (word2 & lanes)) | 0;
    odd2 = (odd2 + ((word2 >>> 8) & lanes)) | 0;
    even3 = (even3 + (word3 & lanes)) | 0;
    odd3 = (odd3 + ((word3 >>> 8) & lanes)) | 0;
    negatives -= flip;
  }
  const biases = bias * (to - from) - negatives;
  giveFour(sums, 0, { even: even0, odd: odd0, biases });
  giveFour(sums, 4, { even: even1, odd: odd1, biases });
  giveFour(sums, 8, { even: even2, odd: odd2, biases });
  giveFour(sums, 12, { even: even3, odd: odd3, biases });
}

interface Lanes {
  even: number;
  odd: number;
  biases: number;
}

/** Four sums from the lanes of two words, their biases taken off. */
function giveFour(sums: Int32Array, at: number, { even, odd, biases }: Lanes): void {
  sums[at] = (sums[at] ?? 0) + (even & 0xffff) - biases;
  sums[at + 1] = (sums[at + 1] ?? 0) + (odd & 0xffff) - biases;
  sums[at + 2] = (sums[at + 2] ?? 0) + (even >>> 16) - biases;
  sums[at + 3] = (sums[at + 3] ?? 0) + (odd >>> 16) - biases;
}
