import { denseCount } from "./dense.ts";

export const halfBits = 15;
/** Slots of the words; the characters have as many behind them. */
export const halfSlots = 1 << halfBits;
export const slotCount = 2 * halfSlots;

/** More than the scanned text can touch. */
const capacity = 12_288;

/** A question as a classifier sees it: room for the longest, used again for the next. */
export class FeatureVector {
  /** The first `count` are set: none twice, each with its value beside it. */
  readonly slots = new Uint16Array(capacity);
  readonly values = new Float32Array(capacity);
  /** The values' own memory, as integers: below 0 where a value is. */
  readonly bits = new Int32Array(this.values.buffer);
  count = 0;
  /** How many of them are of words; the others, of characters, follow. Within either all values are alike but for their sign. */
  words = 0;
  readonly dense = new Float32Array(denseCount);
}
