import type { Match } from "./filter.ts";

/**
 * Finds one kind of thing. What begins at a place depends on the text near that place alone, never
 * on what was found before it: a stream can then be judged piece by piece.
 */
export interface Detector {
  /** The most UTF-16 units of a match. */
  longest: number;
  find: (text: string) => Match[];
}

/** How far around a match a detector looks for words that tell what it is. */
export const contextLength = 64;

/**
 * Every match of a global pattern, overlapping ones too: the search goes on behind the first unit of
 * a match, not behind its last. The pattern must be bounded, or this is no longer linear.
 */
export function everyMatch(pattern: RegExp, text: string): RegExpExecArray[] {
  const matches: RegExpExecArray[] = [];
  pattern.lastIndex = 0;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    matches.push(found);
    pattern.lastIndex = found.index + 1;
  }
  return matches;
}

/**
 * The matches of a global pattern, one behind the other, none of them empty. `matchAll` would copy the pattern
 * first, which takes longer than it does to find that a short text has none.
 */
export function matchesOf(pattern: RegExp, text: string): RegExpExecArray[] {
  const matches: RegExpExecArray[] = [];
  pattern.lastIndex = 0;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text))
    matches.push(found);
  return matches;
}

/** The text before a place, as far as it may matter. */
export const before = (text: string, place: number, length: number = contextLength): string =>
  text.slice(Math.max(0, place - length), place);

/** The text behind a place, as far as it may matter. */
export const behind = (text: string, place: number, length: number = contextLength): string =>
  text.slice(place, place + length);

/** All white space is, and little else: the pattern alone takes thirty times as long. */
const mayBeSpace = (code: number): boolean =>
  code <= 0x20 || (code >= 0xa0 && code <= 0x3000) || code === 0xfeff;

/** The offset of the last white space, looked for from the end: -1 where there is none. */
export function lastSpace(text: string): number {
  let place = text.length - 1;
  while (place >= 0 && !(mayBeSpace(text.charCodeAt(place)) && /\s/.test(text.charAt(place))))
    place -= 1;
  return place;
}

/** A word as far as this room minds: a row of units without white space of ASCII. */
export interface Word {
  start: number;
  end: number;
}

const isBlank = (code: number): boolean => code <= 0x20;

/**
 * The next word of at least so many units from a place on, which is none's midst. Looked for at every so many
 * units alone: in most texts no word is as long as what vendors give out, and most of them need not be read.
 */
export function nextLongWord(text: string, from: number, least: number): Word | undefined {
  for (let at = from + least - 1; at < text.length; at += least) {
    if (isBlank(text.charCodeAt(at))) continue;
    const start = wordStart(text, at, from);
    const end = wordEnd(text, at);
    if (end - start >= least) return { start, end };
    at = end;
  }
  return undefined;
}

function wordStart(text: string, at: number, from: number): number {
  let start = at;
  while (start > from && !isBlank(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

function wordEnd(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && !isBlank(text.charCodeAt(end))) end += 1;
  return end;
}

export const overlaps = (
  one: { start: number; end: number },
  other: { start: number; end: number },
): boolean => one.start < other.end && other.start < one.end;

/**
 * What a number is called right before it where it is no personal data, such as `Invoice no. `.
 * `\b` alone would let `reorder` pass for an order.
 */
const otherNumber =
  /\b(?:order|invoice|ticket|tracking|reference|ref|serial|part|sku|case|model|isbn|issn|imei|batch|lot|po|bestellung|rechnung|commande|factura|article|item|build|version|transaction|confirmation|booking|parcel|shipment|product|asset|meter|policy|claim|docket|rma|ean|upc|gtin|vin|job|run|request|trace|session|error|code)(?:[ -]?(?:number|num|no|nr|id|code|numéro|nummer))?\.?(?: (?:is|was))?["'>]?[ \t:#=.]{0,4}["']?$/i;

/** Groups behind a country and two digits are an account's, whether its check holds or not. */
const accountHead = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -][A-Za-z0-9]{4}){0,6}[ -]$/;

export const isOfAccount = (text: string, start: number): boolean =>
  accountHead.test(before(text, start, 40));

export const isOtherNumber = (text: string, start: number): boolean =>
  otherNumber.test(before(text, start, 40));
