import {
  isSupportedCountry,
  parsePhoneNumberFromString,
  type CountryCode,
} from "libphonenumber-js";
import { saidBefore } from "../column.ts";
import {
  before,
  behind,
  everyMatch,
  isOfAccount,
  isOtherNumber,
  type Detector,
} from "../detector.ts";
import type { Match } from "../filter.ts";

/**
 * Loose on purpose: whatever looks like digits in a phone's punctuation. A plus, a word near it, or the
 * plan of some country then decides.
 */
const loose =
  /(?<![\w@#+$€£%]|[\w)][-./]|\d,(?=\d{3}(?!\d))|\/)(?:\+\(?|\(\+?)?\d(?:[ \t()./\u00a0\u2010-\u2013-]{0,3}\d){5,16}(?:,?\s?(?:x|ext\.?|extension)\s?\d{1,6})?(?![\w@%€£$]|[-.:/]\d|,\d{3}(?!\d)|-(?!(?:office|fax|mobile|cell|home|work|desk)\b)\w)/giu;

const near = new RegExp(
  String.raw`(?:(?<![\p{L}\p{N}])(?:(?:(?:home|work|cell|mobile|contact|user|customer|primary|office|business|day|evening)[_-]?)?phone|phones|telephone|tel|tél|call|calls|called|calling|mobile|mob|cell|cellphone|fax|whatsapp|text|texted|sms|dial|dialed|ring|hotline|helpline|landline|handy|handynummer|telefon|telefonnummer|téléphone|teléfono|telefono|móvil|movil|cellulare|celular|portable|gsm|mobil|mobiel|telefoon|telefone|reach|reached|contact|contacts|callback|voicemail|rufnummer|ph|switchboard|pager|phonenumber|msisdn|puhelin|telefonszám|telefonní číslo|τηλέφωνο|телефон|电话|電話|전화|answering|messages? to|(?:my|his|her|our|their|your)(?: \w{1,12})? (?:number|no|nr)(?: is)?|registered(?=\s?$))(?:[ _-]?(?:number|no|nr|num))?(?![\p{L}\p{N}])|☎|📞)`,
  "iu",
);
const nearBehind =
  /^[\s,)(–-]{0,3}(?:is (?:my|his|her|our|their|the) )?\(?(?:phone|mobile|cell|tel|fax|whatsapp|landline|home|work|office)\b/i;

/** Days, ranges of years, amounts, coordinates and the like, which phones are never written as. */
const otherwise =
  /^(?:.{0,12}(?:\d{1,2}\.\d{1,2}\.(?:19|20)\d{2}|(?:19|20)\d{2}-\d{2}-\d{2})|(?:19|20)\d{2}[-./]\d{1,2}[-./]\d{1,2}(?!\d)|\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d{2}\b)|\d{1,3}(?:\.\d{1,3}){3}$|\d{1,3}(?:[., ]000)+$|[12]\d{3} ?[-–/] ?[12]\d{3}$|\d+\.\d+$|\d{4}(?:[ -]\d{4}){3}|.{0,32}\b\d{1,3}\.\d+\s+\d{1,3}\.\d)/;
/** A code of nine digits that letters go by in the United States. */
const zip = /^\d{5}-\d{4}$/;
/** The form of an American number for a person. */
const ssn = /^\d{3}-\d{2}-\d{4}$/;
const american =
  /^(?:\+?\(?1\)?[-. ])?(?:\(\d{3}\) ?\d{3}[-. ]|[1-9]\d{2}-\d{3}-|[2-9]\d{2}([-. /])[2-9]\d{2}[-. ])\d{4}(?!\d)/;

/** Whose plans are asked about a number that names no country and stands by no telling word. */
const regions = [
  "US",
  "GB",
  "DE",
  "FR",
  "ES",
  "IT",
  "NL",
  "BE",
  "CH",
  "AT",
  "PL",
  "SE",
  "DK",
  "AU",
  "IN",
  "BR",
  "JP",
  "KR",
  "TR",
  "ZA",
  "NZ",
  "IE",
  "FI",
  "RO",
].filter((region): region is CountryCode => isSupportedCountry(region));

function find(text: string): Match[] {
  if (!/\d{2}/.test(text)) return [];
  return everyMatch(loose, text).flatMap(({ 0: word, index }) => {
    const end = index + word.length;
    return isPhone(text, index, word) ? [{ rule: "pii/phone", start: index, end }] : [];
  });
}

function isPhone(text: string, start: number, word: string): boolean {
  const number = word.replace(/,?\s?(?:x|ext).*$/i, "");
  if (!isWritten(number) || (isOtherNumber(text, start) && !number.startsWith("+"))) return false;
  // Words are read first, since the plans of all countries cost the most.
  if (isCalled(text, start, start + word.length) || isInternational(number)) return true;
  if (american.test(number)) return true;
  if (isOfMany(text, start, word) || isOfAccount(text, start)) return false;
  return isPlanned(number) || isBesideMail(text, start, word);
}

/** Whether it has the digits of a phone, and brackets that belong together. */
function isWritten(number: string): boolean {
  const digits = number.replaceAll(/\D/g, "");
  const opened = number.split("(").length;
  if (opened > 2 || opened !== number.split(")").length) return false;
  return /^(?!(\d)\1+$)\d{7,15}$/.test(digits) && !otherwise.test(number);
}

/** Who signs gives a number and an address of mail side by side. */
const isBesideMail = (text: string, start: number, word: string): boolean =>
  /\d[ ()./-]+\d/.test(word) &&
  (/^[\s,;|]{1,4}[\w.+-]{1,64}@\w/.test(behind(text, start + word.length, 72)) ||
    /@[\w-]{1,32}(?:\.[\w-]{1,24}){1,3}[\s,;|]{1,4}$/.test(before(text, start, 72)));

/** A short run of digits counts calls as often as it is called: the word must stand right before it. */
const isCalled = (text: string, start: number, end: number): boolean => {
  const count = /^\d{7,9}$/.test(text.slice(start, end));
  return (
    near.test(sentence(saidBefore(text, start, count ? 16 : 48))) ||
    /(?:^|[\n|,;])[ \t]*[TMPFtmpf][.:][ \t]*$/.test(before(text, start, 8)) ||
    nearBehind.test(behind(text, end, 32))
  );
};

/** What belongs to the number is said in its sentence. */
const sentence = (words: string): string => words.split(/[.!?]\s(?=\p{Lu})|\n\s*\n/u).at(-1) ?? "";

/** One stretch of a longer row of numbers, or bytes in a dump: pairs of digits with more beside them. */
const isOfMany = (text: string, start: number, word: string): boolean =>
  /\d[ ().-]{1,3}$/.test(before(text, start, 4)) ||
  /^(?:\d\d ){5}/.test(word) ||
  (/^(?:\d\d )+\d\d$/.test(word) &&
    (/(?<!\w)[0-9a-f]{2} $/i.test(before(text, start, 4)) ||
      /^ [0-9a-f]{2}(?!\w)/i.test(behind(text, start + word.length, 4))));

// A trunk zero in brackets is dialled at home only: `+44 (0)20 7946 0000`.
const isInternational = (number: string): boolean =>
  /^\(?\+/.test(number) && (isLong(number) || isPossible(number.replace("(0)", "")));

/** Behind a plus ten digits and more are nothing else, whatever lengths the country gives out. */
const isLong = (number: string): boolean => /^[1-9]\d{9,14}$/.test(number.replaceAll(/\D/g, ""));

const isPossible = (number: string): boolean =>
  parsePhoneNumberFromString(`+${number.replaceAll(/\D/g, "")}`)?.isPossible() === true;

/** A trunk prefix, separators, and a country in which the number could ring. */
function isPlanned(number: string): boolean {
  const digits = number.replaceAll(/\D/g, "");
  if (!/^\(?0/.test(number) || !/\d[\s()./-]+\d/.test(number) || zip.test(number)) return false;
  if (ssn.test(number)) return false;
  if (digits.startsWith("00")) return isPossible(digits.slice(2));
  return regions.some((region) => parsePhoneNumberFromString(digits, region)?.isValid() === true);
}

export const phone: Detector = { longest: 80, find };
