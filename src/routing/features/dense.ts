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
  traits,
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

/** What a unit can count as: a few of the 256. */
const present = [...new Set(traits)];

/** Counts while a text is read: one addition a unit, whatever it is. */
export class TextTally {
  /** By what a unit counts as: how many there were. */
  readonly byTraits = new Uint32Array(256);
  /** By class: how many runs of it began. */
  readonly runs = new Uint32Array(4);
  units = 0;

  reset(): this {
    this.byTraits.fill(0);
    this.runs.fill(0);
    this.units = 0;
    return this;
  }

  ofClass(kind: number): number {
    let sum = 0;
    for (const trait of present) if (classOf(trait) === kind) sum += this.byTraits[trait] ?? 0;
    return sum;
  }

  withTrait(bit: number): number {
    let sum = 0;
    for (const trait of present) if ((trait & bit) > 0) sum += this.byTraits[trait] ?? 0;
    return sum;
  }

  runsOf(kind: number): number {
    return this.runs[kind] ?? 0;
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
