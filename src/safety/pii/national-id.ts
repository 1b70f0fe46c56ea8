import { before, behind, isOtherNumber, type Detector } from "../detector.ts";
import type { Match } from "../filter.ts";
import { nationalIds, type NationalId } from "./national-ids.ts";

// What forms and people call such numbers, whatever the country.
const anywhere =
  "national (?:id|identity|identification|insurance)(?: (?:number|no))?|(?:identity|identification|personal|citizen|social (?:security|insurance)|tax(?:payer)?|fiscal) (?:id|code|number|no|identification)|personal ?code|government id|id[- ]?(?:number|no|nr|card)|ni number|nin";

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

/** Where some number may begin: one walk over the text, so that each is tried at few places only. */
const opening =
  /(?<![\w@#+]|\d[.,/-])(?=\d(?:[ ./-]?\d){5}|[A-Za-z]{2} ?\d{2}|[A-Za-z]{3} ?[A-Za-z]{3} ?\d{2}|[XYZxyz][ -]?\d{7})[A-Za-z\d]/g;

/** An American number speaks for itself in the form that only it has, and needs words in any other. */
const americanForm = /^\d{3}-\d{2}-\d{4}$/;

function find(text: string): Match[] {
  return [...text.matchAll(opening)].flatMap(({ index }) =>
    compiled.flatMap((id) => {
      id.at.lastIndex = index;
      const word = id.at.exec(text)?.[0];
      if (word === undefined || !id.holds(word.replaceAll(/[^A-Za-z0-9]/g, "").toUpperCase()))
        return [];
      if (isOtherNumber(text, index) || !isNamed(id, text, index, word)) return [];
      return [{ rule: `pii/national-id/${id.name}`, start: index, end: index + word.length }];
    }),
  );
}

function isNamed(id: Compiled, text: string, start: number, word: string): boolean {
  if (id.words === undefined) return true;
  if (id.name === "us-ssn" && americanForm.test(word)) return true;
  if (id.near === undefined && /\D/.test(word)) return true;
  return id.words.test(before(text, start)) || id.words.test(behind(text, start + word.length, 32));
}

export const nationalId: Detector = { longest: 32, find };
