import { before, behind, everyMatch, type Detector } from "../detector.ts";
import type { Match } from "../filter.ts";
import { isDay } from "./calendar.ts";

const months =
  "jan(?:uary|uar|vier|uari)?|janvier|janv|ene(?:ro)?|genn?|gennaio|feb(?:ruary|ruar|rero|braio|ruari)?|févr?(?:ier)?|févr|fevrier|mar(?:ch|s|zo|zec)?|märz|maart|apr(?:il|ile)?|avr(?:il)?|abr(?:il)?|may|mai|mayo|maggio|mei|jun(?:e|i|io)?|juin|giugno|jul(?:y|i|io)?|juil(?:let)?|lug(?:lio)?|aug(?:ust|ustus)?|août|aout|ago(?:sto)?|sep(?:t|tember|tembre|tiembre)?|septembre|sett?(?:embre)?|oct(?:ober|obre|ubre)?|okt(?:ober)?|ott(?:obre)?|nov(?:ember|embre|iembre)?|dec(?:ember|embre)?|dez(?:ember)?|déc(?:embre)?|dic(?:iembre|embre)?|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|febrero";
const year = String.raw`(?:19|20)\d{2}`;
const ordinal = String.raw`\d{1,2}(?:st|nd|rd|th|er|º|°|\.)?`;
const date = new RegExp(
  [
    String.raw`(?<numeric>\d{1,2}([./-])\d{1,2}\2(?:${year}|\d{2})|${year}([./-])\d{1,2}\3\d{1,2}|\d{1,2} \d{1,2} ${year})`,
    String.raw`${ordinal}(?: of| de| di)?[ -](?:${months})\.?(?:,| de| di| of)?[ -]?${year}`,
    String.raw`(?:${months})\.?[ -]${ordinal}(?:,? ?| of )${year}`,
    String.raw`${year}[ -](?:${months})[ -]\d{1,2}`,
  ]
    .map((form) => String.raw`(?<![\p{L}\p{N}]|\d[./-])(?:${form})(?!(?!T\d)[\p{L}\p{N}]|[./-]\d)`)
    .join("|"),
  "giu",
);

const birth = String.raw`born|birth|births|birthdate|birthday|bday|b-day|birth[ _-]?date|date[ _-]of[ _-]birth|dateofbirth|birth_day|d\.?o\.?b\.?|d\. ?o\. ?b\.?|geboren|geburtsdatum|geburtstag|geb\.?|n[ée]e?|naissance|nacid[oa]|nacimiento|nat[oa]|nascita|nascid[oa]|nascimento|geboortedatum|geboortedag|född|født|fødselsdato|syntynyt|urodzon[ya]|urodzenia|naci[óo]`;
/** Days of other things: where one stands nearer than birth, the day is of that. */
const otherDay = String.raw`issued|issue|expires?|expiry|expiration|hired|joined|started|start|invoice|due|order|ordered|deadline|meeting|appointment|released|release|published|founded|signed|effective|since|until|updated|created|delivered|delivery|shipped|registered|admitted|visit|visited|died|death|deceased|married|graduated|today|dated|scheduled|renewed|event|launch|launched|built|opened|moved|checked|paid|payment`;
const left = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:(?<birth>${birth})|(?<other>${otherDay}))(?![\p{L}\p{N}])`,
  "giu",
);
const right = new RegExp(
  String.raw`^[\s,;:()–-]{0,4}(?:(?:is|was|as|being)\s)?(?:(?:my|his|her|their|the|your|is)\s)?(?:\w{1,12}(?:'s)?\s)?(?:birthday|birth ?date|date of birth|d\.?o\.?b\.?|\(dob\)|birth|(?:is|was) (?:when|the day) (?:i|he|she|they) (?:was|were) born)(?![\p{L}\p{N}])`,
  "iu",
);

function find(text: string): Match[] {
  if (!/\d{2}/.test(text)) return [];
  return [...everyMatch(date, text)].flatMap((found) => {
    const { 0: word, index } = found;
    const end = index + word.length;
    if (found.groups?.["numeric"] !== undefined && !isNumericDay(word)) return [];
    return isBirth(text, index, end) ? [{ rule: "pii/birth-date", start: index, end }] : [];
  });
}

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
    before(text, start, 56)
      .split(/\n\s*\n|[!?]\s/)
      .at(-1) ?? "";
  const nearest = [...words.matchAll(left)].at(-1);
  if (nearest !== undefined) return nearest.groups?.["birth"] !== undefined;
  return right.test(behind(text, end, 48));
}

export const birthDate: Detector = { longest: 40, find };
