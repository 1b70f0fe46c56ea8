import { saidBefore } from "../column.ts";
import {
  before,
  behind,
  contextLength,
  isOtherNumber,
  matchesOf,
  type Detector,
} from "../detector.ts";
import type { Match } from "../filter.ts";
import type { NationalId } from "./national-id-form.ts";
import { nationalIds } from "./national-ids.ts";

// What forms and people call such numbers, whatever the country.
const anywhere =
  "national (?:id|identity|identification|insurance|number|no|register)(?: (?:id|number|no))?|(?:identity|identification|personal|citizen|social (?:security|insurance)|tax(?:payer)?|fiscal) (?:id|code|number|no|identification)|personal ?code|government id|id[- ]?(?:number|no|nr|card)|ni number|nin";

interface Compiled extends NationalId {
  at: RegExp;
  words: RegExp | undefined;
}

const compiled: readonly Compiled[] = nationalIds.map((id) => {
  const words = id.near ?? id.nearIfBare;
  return {
    ...id,
    at: new RegExp(String.raw`(?:${id.pattern})(?!\w|[.,/-]\d|-\w)`, "y"),
    words:
      words === undefined
        ? undefined
        : new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${words}|${anywhere})(?![\p{L}\p{N}])`, "iu"),
  };
});

/** Rows of digits of which each number has one: they are few and soon found, where a letter may begin anything. */
const rows = /\d(?:[ ./-]?\d){5,}|(?<=[A-Za-z]{4})\d{4}|\d{2}[A-Za-z]\d{2}/g;
/** The most that stands before the row in a number that begins with letters: `RSS MRA `. */
const longestHead = 8;
/** Where some number may begin, so that each is tried at few places only. */
const opening =
  /(?<![\w@#+]|\d[.,/-])(?=\d(?:[ ./-]?\d){5}|[A-Za-z]{2}(?: ?\d{2}){3}|[A-Za-z]{3} ?[A-Za-z]{3} ?\d{2}[A-Za-z]\d{2}|[XYZxyz][ -]?\d{7}|[A-Za-z]\d{6}|[A-Za-z]{4,5}\d{4})[A-Za-z\d]/g;
/** The most of it that stands before and behind the place where it matches, of its longest form. */
const openingReach = 16;

/** What other numbers are called: of two words the nearer one tells. */
const otherLabel =
  /(?<![\p{L}\p{N}])(?:phone|tel|telephone|mobile|cell|fax|iban|credit card|card (?:number|no)|dob|zip|postcode|invoice)(?![\p{L}\p{N}])/iu;
/** The country that a phone begins with. */
const dialled = /\+\(?\d{1,3}\)?(?:\(0\))?[ .-]?$/;

/** An American number speaks for itself in the form that only it has, and needs words in any other. */
const americanForm = /^\d{3}-\d{2}-\d{4}$/;

function find(text: string): Match[] {
  return openings(text).flatMap((index) => {
    if (dialled.test(before(text, index, 10)) || isOtherNumber(text, index)) return [];
    return compiled.flatMap((id) => matchAt(id, text, index) ?? []);
  });
}

function openings(text: string): number[] {
  const places: number[] = [];
  let looked = 0;
  for (const { 0: row, index } of matchesOf(rows, text)) {
    const from = Math.max(looked, index - longestHead);
    looked = index + row.length;
    const start = Math.max(0, from - openingReach);
    for (const found of matchesOf(opening, text.slice(start, looked + openingReach))) {
      const place = start + found.index;
      if (place >= from && place < looked) places.push(place);
    }
  }
  return places;
}

function matchAt(id: Compiled, text: string, start: number): Match | undefined {
  id.at.lastIndex = start;
  const word = id.at.exec(text)?.[0];
  if (word === undefined || !id.holds(word.replaceAll(/[^A-Za-z0-9]/g, "").toUpperCase()))
    return undefined;
  const end = start + word.length;
  const told = speaksForItself(id, text, start, word) || isNamed(id, text, start, end);
  return told ? { rule: `pii/national-id/${id.name}`, start, end } : undefined;
}

/** Where its form tells; not in the midst of a row of numbers, such as a card's. */
function speaksForItself(id: Compiled, text: string, start: number, word: string): boolean {
  if (/\d $/.test(before(text, start, 2))) return false;
  if (id.words === undefined || (id.name === "us-ssn" && americanForm.test(word))) return true;
  return id.near === undefined && /\D/.test(word);
}

function isNamed({ words }: Compiled, text: string, start: number, end: number): boolean {
  if (words === undefined) return false;
  const said = saidBefore(text, start, contextLength).split(otherLabel).at(-1) ?? "";
  const after = behind(text, end, 32).split(/[\n;|]|\.\s/)[0] ?? "";
  return words.test(said) || words.test(after);
}

export const nationalId: Detector = { longest: 32, find };
