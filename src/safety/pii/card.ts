import {
  before,
  behind,
  everyMatch,
  isOfAccount,
  isOtherNumber,
  type Detector,
} from "../detector.ts";
import type { Match } from "../filter.ts";
import { luhn } from "./checksums.ts";

const separator = String.raw`[ \-.\u00a0\u202f\u2010\u2011\u2013]`;
const digits = new RegExp(
  String.raw`(?<![\w+]|\d[.,\-])[1-6]\d{2,6}(?:${separator}?\d){9,16}`,
  "g",
);

/** Issuers by the first digits, with the lengths that they give out. */
const issuers: readonly { prefix: RegExp; lengths: readonly number[] }[] = [
  { prefix: /^4/, lengths: [13, 16, 19] },
  { prefix: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { prefix: /^3[47]/, lengths: [15] },
  { prefix: /^(?:30[0-5]|309|36|38|39)/, lengths: [14, 16, 19] },
  { prefix: /^35/, lengths: [16, 17, 18, 19] },
  { prefix: /^(?:2131|1800)/, lengths: [15] },
  { prefix: /^(?:6011|64[4-9]|65|62|60|81|82)/, lengths: [16, 17, 18, 19] },
  { prefix: /^(?:50|5[6-9]|6\d)/, lengths: [16, 17, 18, 19] },
  { prefix: /^220[0-4]/, lengths: [16, 17, 18, 19] },
];

/** Maestro gives out shorter ones too, which many a number would pass for: they count beside a word alone. */
const short = /^(?:50|5[6-9]|6\d)\d{10,13}$/;
const called =
  /(?<![\p{L}\p{N}])(?:cards?|credit|debit|visa|maestro|mastercard|cc|pan|karte|kreditkarte|carte|tarjeta|carta)(?![\p{L}\p{N}])/iu;

const isIssued = (number: string): boolean =>
  issuers.some(({ prefix, lengths }) => prefix.test(number) && lengths.includes(number.length));

/** Groups as people write them: one separator throughout, and what the issuer is told by in the first. */
function isGrouped(word: string): boolean {
  const separators = new Set(word.replaceAll(/\d/g, ""));
  const groups = word.split(/\D/);
  const [first = "", ...middle] = groups.slice(0, -1);
  const whole = /^.{4}(?:..)?$/.test(first) && middle.every((group) => group.length >= 4);
  return groups.length === 1 || (separators.size === 1 && whole);
}

function find(text: string): Match[] {
  return everyMatch(digits, text).flatMap(({ 0: row, index }) => {
    const words = before(text, index, 40);
    const isCalled = called.test(words) && !/\d[^\p{L}\d]$/u.test(words);
    const word = cardAtStart(row, behind(text, index + row.length, 2), isCalled);
    if (word === undefined || isOtherNumber(text, index) || isOfAccount(text, index)) return [];
    return [{ rule: "pii/credit-card", start: index, end: index + word.length }];
  });
}

/** The longest card that a row of digits begins with: another number may follow behind a space. */
function cardAtStart(row: string, rest: string, isCalled: boolean): string | undefined {
  for (let end = row.length; end > 11; end -= 1) {
    const word = row.slice(0, end);
    const number = word.replaceAll(/\D/g, "");
    if (number.length < 12) return undefined;
    const ended = !/^(?:\w|[.,-]\d)/.test(row.slice(end) + rest) && /\d$/.test(word);
    if (ended && isGrouped(word) && isCard(number, isCalled)) return word;
  }
  return undefined;
}

const isCard = (number: string, isCalled: boolean): boolean =>
  (isIssued(number) || (isCalled && short.test(number))) &&
  luhn(number) &&
  !/^(\d)\1+$/.test(number);

export const card: Detector = { longest: 40, find };
