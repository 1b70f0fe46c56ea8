import { before, behind, everyMatch, type Detector } from "../detector.ts";
import type { Match } from "../filter.ts";
import { mod97 } from "./checksums.ts";

/**
 * The length of a country's IBANs, from the registry that SWIFT keeps for ISO 13616, and of those that
 * countries outside of it use.
 */
const lengths = new Map(
  Object.entries({
    15: "NO",
    16: "BE",
    18: "DK FI FO GL NL SD FK",
    19: "MK SI",
    20: "AT BA EE KZ LT LU XK MN",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST AO CV GW MZ",
    26: "IS TR DZ IR",
    27: "CF CG CM GA GQ KM MG TD BI DJ FR GR IT MC MR SM",
    28: "BF BJ CI MA ML NE SN TG AL AZ BY CY DO GT HU LB NI PL SV HN",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
  }).flatMap(([length, countries]) =>
    countries.split(" ").map((country): [string, number] => [country, Number(length)]),
  ),
);

const opening = /(?<![A-Za-z0-9])[A-Za-z]{2}[ -]?\d{2}(?=[ \-\u00a0\u202f]?[A-Za-z0-9])/g;
const alphanumeric = /[A-Za-z0-9]/;
const separator = /[ \-\u00a0\u202f]/;

function find(text: string): Match[] {
  return everyMatch(opening, text).flatMap(({ 0: head, index }) => {
    const end = registeredEnd(text, index, head) ?? calledEnd(text, index);
    if (end === undefined) return [];
    const compact = text
      .slice(index, end)
      .replaceAll(/[^A-Za-z0-9]/g, "")
      .toUpperCase();
    if (!isWritten(text.slice(index, end), compact)) return [];
    const holds = mod97(compact.slice(4) + compact.slice(0, 4)) === 1;
    return holds ? [{ rule: "pii/iban", start: index, end }] : [];
  });
}

/** Countries whose accounts have digits only. */
const digitsOnly = new Set(
  "AT BA BE CR CZ DE DK EE EG ES FI FO GL HR HU IL IS LT LY ME MN MR NO PL PT RS SD SE SI SK SO ST TL TN VA XK".split(
    " ",
  ),
);

/** One separator throughout, and letters only where the country has some. */
const isWritten = (word: string, compact: string): boolean =>
  new Set(word.replaceAll(/[A-Za-z0-9]/g, "")).size < 2 &&
  !(digitsOnly.has(compact.slice(0, 2)) && /[A-Z]/.test(compact.slice(2)));

/** Where one ends that has the length of its country. */
function registeredEnd(text: string, start: number, head: string): number | undefined {
  const length = lengths.get(head.slice(0, 2).toUpperCase());
  const end = length === undefined ? undefined : endOf(text, start, length);
  return end === undefined || alphanumeric.test(text.charAt(end)) ? undefined : end;
}

const unspaced = /^[A-Za-z]{2}\d{2}[A-Za-z0-9]{11,30}(?![A-Za-z0-9])/;
const called = /(?<![\p{L}\p{N}])(?:ibans?|konto|account|compte|cuenta|conto)(?![\p{L}\p{N}])/iu;

/** Where one ends that is called one, whatever its length: the check is left to tell. */
const calledEnd = (text: string, start: number): number | undefined => {
  const word = unspaced.exec(behind(text, start, 36))?.[0];
  return word !== undefined && called.test(before(text, start, 48))
    ? start + word.length
    : undefined;
};

/** Behind the last of so many letters and digits, with a separator at most between two of them. */
function endOf(text: string, start: number, length: number): number | undefined {
  let place = start;
  for (let taken = 0; taken < length; taken += 1) {
    if (taken > 0 && separator.test(text.charAt(place))) place += 1;
    if (!alphanumeric.test(text.charAt(place))) return undefined;
    place += 1;
  }
  return place;
}

export const iban: Detector = { longest: 68, find };
