import type { Question } from "./question.ts";
import {
  classOf,
  codeLike,
  digit,
  foreign,
  letter,
  lineEnd,
  mark,
  mathematical,
  questioning,
  space,
  upperCase,
} from "./units.ts";

/** By place in the dense part; about 0 to 1 each, so that no one of them drowns the others. */
export const denseNames = [
  "length",
  "digits",
  "marks",
  "mathematics",
  "code",
  "upper_case",
  "numbers",
  "lines",
  "word_length",
  "questions",
  "foreign_letters",
  "cut",
  "earlier_turns",
  "tools",
  "schema_size",
  "images",
] as const;

export type DenseName = (typeof denseNames)[number];

export const denseCount = denseNames.length;

/** Counts while a text is read: one addition a unit, whatever it is. */
export class TextTally {
  readonly #byTraits = new Uint32Array(256);
  /** By class: how many runs of it began. */
  readonly #runs = new Uint32Array(4);
  #before = space;
  units = 0;

  reset(): void {
    this.#byTraits.fill(0);
    this.#runs.fill(0);
    this.#before = space;
    this.units = 0;
  }

  add(trait: number): void {
    const kind = classOf(trait);
    this.units += 1;
    this.#byTraits[trait] = (this.#byTraits[trait] ?? 0) + 1;
    if (kind === this.#before) return;
    this.#before = kind;
    this.#runs[kind] = (this.#runs[kind] ?? 0) + 1;
  }

  ofClass(kind: number): number {
    let sum = 0;
    for (let trait = kind; trait < 256; trait += 4) sum += this.#byTraits[trait] ?? 0;
    return sum;
  }

  withTrait(bit: number): number {
    let sum = 0;
    for (let trait = bit; trait < 256; trait += 1) {
      if ((trait & bit) > 0) sum += this.#byTraits[trait] ?? 0;
    }
    return sum;
  }

  runsOf(kind: number): number {
    return this.#runs[kind] ?? 0;
  }
}

/** From 0 towards 1, half-way at `half`. */
const saturate = (amount: number, half: number): number => amount / (amount + half);

export function denseFeatures(question: Question, tally: TextTally, into: Float32Array): void {
  const { units } = tally;
  const scale = units === 0 ? 0 : 1 / units;
  const letters = tally.ofClass(letter);
  const words = tally.runsOf(letter);
  into[0] = Math.log2(1 + question.text.length) / 16;
  into[1] = tally.ofClass(digit) * scale;
  into[2] = tally.ofClass(mark) * scale;
  into[3] = saturate(tally.withTrait(mathematical), 8);
  into[4] = saturate(tally.withTrait(codeLike), 20);
  into[5] = tally.withTrait(upperCase) * scale;
  into[6] = saturate(tally.runsOf(digit), 6);
  into[7] = saturate(tally.withTrait(lineEnd), 8);
  into[8] = words === 0 ? 0 : saturate(letters / words, 5);
  into[9] = saturate(tally.withTrait(questioning), 2);
  into[10] = tally.withTrait(foreign) * scale;
  into[11] = question.text.length > units ? 1 : 0;
  into[12] = saturate(question.earlierTurns, 4);
  into[13] = saturate(question.tools, 4);
  into[14] = saturate(question.schemaCharacters, 2_000);
  into[15] = saturate(question.images, 2);
}
