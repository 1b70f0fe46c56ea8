import { saidBefore } from "../column.ts";
import { before, behind, everyMatch, type Detector } from "../detector.ts";
import { inOrder, type Match } from "../filter.ts";
import { isDay } from "./calendar.ts";
import { monthNames } from "./month-names.ts";

const year = String.raw`(?:19|20)\d{2}`;
const ordinal = String.raw`\d{1,2}(?:st|nd|rd|th|er|º|°|\.)?`;
const date = new RegExp(
  [
    String.raw`(?<numeric>\d{1,2}([./-])\d{1,2}\2(?:${year}|\d{2})|${year}([./-])\d{1,2}\3\d{1,2}|\d{1,2} \d{1,2} ${year})`,
    String.raw`${ordinal}(?: of| de| di)?[ -](?:${monthNames})\.?(?:,| de| di| of)?[ -]?${year}`,
    String.raw`(?:${monthNames})\.?[ -]${ordinal}(?:,? ?| of )${year}`,
    String.raw`${year}[ -](?:${monthNames})[ -]\d{1,2}`,
    String.raw`(?<compact>${year}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))`,
  ]
    .map((form) => String.raw`(?<![\p{L}\p{N}]|\d[./-])(?:${form})(?!(?!T\d)[\p{L}\p{N}]|[./-]\d)`)
    .join("|"),
  "giu",
);

/** Words for birth, tongue by tongue. */
const birthWords = [
  String.raw`born|birth|births|birthdate|birthday|bday|b-day|birth[ _-]?(?:date|day)|date[ _-]?of[ _-]?birth|d\. ?o\. ?b\.?|dob`,
  String.raw`geboren(?:e|er|en)?|geburtsdatum|geburtstag|geb\.?(?:-?datum)?`,
  "née?s?|nee?(?= le )|naissance|anniversaire",
  "nacid[oa]s?|nac[ií]|naci[óo]|nacimiento|cumpleaños|f\\.? ?nac",
  "nasc(?:i|eu|id[oa]|imento)|anivers[áa]rio",
  "nat[oa](?=:? (?:il|a|in|nel|\\d))|nascita|compleanno",
  "geboortedatum|geboortedag|verjaardag",
  "föd(?:d|des)|födelse(?:datum|dag)|født|fødsels(?:dato|dag)",
  "syntynyt|syntymä(?:aika|päivä|pvm)|synt\\.?",
  "urodz(?:ony|ona|enia|ił|iła|iny)|ur\\.",
  "narozen[áýí]?|narození|naroden[áýie]+|nar\\.|született|születési|szül\\.",
  "născut[ăa]?|nascut[ăa]?|nașterii|nasterii|doğum|doğdu|родил(?:ся|ась)|рождения|народ(?:ив|ила)ся|народження|γεννήθηκε|γέννησης",
];
const birth = birthWords.join("|");
/** Days of other things: where one stands nearer than birth, the day is of that. */
const otherDay = String.raw`issued|issue|expires?|expiry|expiration|hired|joined|started|start|invoice|due|order|ordered|deadline|meeting|appointment|released|release|published|founded|signed|effective|since|until|updated|created|delivered|delivery|shipped|registered|admitted|visit|visited|died|death|deceased|married|graduated|today|dated|scheduled|renewed|event|launch|launched|built|opened|moved|checked|paid|payment`;
const left = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:(?<birth>${birth})|(?<other>${otherDay}))(?![\p{L}\p{N}])`,
  "giu",
);
const calledBirth = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:${birth})["'\s:=>|(]{0,6}(?:is |on )?["']?$`,
  "iu",
);
const right = new RegExp(
  String.raw`^[\s,;:()–-]{0,4}(?:(?:is|was|as|being)\s)?(?:(?:my|his|her|their|the|your|is)\s)?(?:\w{1,12}(?:'s)?\s)?(?:birthday|birth ?date|date of birth|d\.?o\.?b\.?|\(dob\)|birth|(?:(?:in|zu) \p{L}{2,24} )?geboren|geb\.|(?:\w{1,16}\s){0,2}(?:was|were|is) born|(?:is|was) (?:when|the day) (?:i|he|she|they) (?:was|were) born)(?![\p{L}\p{N}])`,
  "iu",
);

/** In scripts without spaces the words stand against the day. */
const eastern =
  /(?:19|20)\d{2}(?:年|년) ?\d{1,2}(?:月|월) ?\d{1,2}(?:日|일)|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2}/g;
const easternLeft = /(?:出生|生日|生年月日|誕生日|生于|생년월일|출생|생일).{0,10}$/;
const easternRight = /^.{0,3}(?:出生|生まれ|生|출생|태어)/;

function findEastern(text: string): Match[] {
  return everyMatch(eastern, text).flatMap(({ 0: word, index: start }) => {
    const end = start + word.length;
    const told =
      easternLeft.test(before(text, start, 16)) || easternRight.test(behind(text, end, 8));
    return told ? [{ rule: "pii/birth-date", start, end }] : [];
  });
}

/** What stands in every day. */
const dayHint = /(?:19|20)\d{2}|\d[./-]\d{1,2}[./-]\d/;
/**
 * Of these words one stands by every day of birth: what `right` looks for, and what a table's head says apart
 * from its rows. Each by itself is soon looked for; all of them as one expression take twice the time.
 */
const birthHints = [
  ...birthWords,
  "birth|born|geb|d\\.?o\\.?b",
  "(?<!\\p{L})(?:nat[oa]|nee?)(?!\\p{L})",
  "[生출태]",
].map((words) => new RegExp(words, "iu"));

function find(text: string): Match[] {
  if (!dayHint.test(text) || !birthHints.some((words) => words.test(text))) return [];
  return /[生출태]/.test(text)
    ? inOrder([...findWestern(text), ...findEastern(text)])
    : findWestern(text);
}

function findWestern(text: string): Match[] {
  return everyMatch(date, text).flatMap((found) => {
    const { 0: word, index } = found;
    const end = index + word.length;
    if (found.groups?.["numeric"] !== undefined && !isNumericDay(word)) return [];
    const isCompact = found.groups?.["compact"] !== undefined;
    const isTold = isCompact ? isCalledBirth(text, index) : isBirth(text, index, end);
    return isTold ? [{ rule: "pii/birth-date", start: index, end }] : [];
  });
}

/** Eight digits without a separator are a day only right behind the word for it. */
const isCalledBirth = (text: string, start: number): boolean =>
  calledBirth.test(before(text, start, 32));

/** Day before month or month before day, since writers differ; a year of two digits is any. */
function isNumericDay(word: string): boolean {
  const [first = 0, second = 0, third = 0] = word.split(/\D/).map(Number);
  if (first > 31) return isDay(first, second, third) || isDay(first, third, second);
  const full = third < 100 ? 1900 + third : third;
  return isDay(full, second, first) || isDay(full, first, second);
}

/** The nearest word that tells what the day is of tells of a birth; another sentence tells nothing. */
function isBirth(text: string, start: number, end: number): boolean {
  const words =
    saidBefore(text, start, 56)
      .split(/\n\s*\n|[!?]\s/)
      .at(-1) ?? "";
  const nearest = [...words.matchAll(left)].at(-1);
  if (nearest !== undefined) return nearest.groups?.["birth"] !== undefined;
  return right.test(behind(text, end, 48));
}

export const birthDate: Detector = { longest: 40, find };
