// The arguments of a tool call are JSON in a string. Filters read them as the program that takes them
// will: with the escapes of its strings resolved, so that `jane\u0040example.com` is what it is. What is
// replaced stays JSON: within a string a part of it, of anything else the whole, as a string.
import type { Match } from "./filter.ts";
import type { StandIn } from "./redact.ts";

/** A JSON text as it is read. */
export interface JsonText {
  raw: string;
  /** With the escapes resolved; quotes and all between the strings stay. */
  read: string;
  /** The offset in `raw` of each unit of `read`, and of its end; undefined where the two are equal. */
  places: readonly number[] | undefined;
}

const escapes: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

export function readJsonText(raw: string): JsonText {
  if (!raw.includes("\\")) return { raw, read: raw, places: undefined };
  const units: string[] = [];
  const places: number[] = [];
  for (let at = 0; at < raw.length;) {
    const { unit, length } = unitAt(raw, at);
    units.push(unit);
    places.push(at);
    at += length;
  }
  places.push(raw.length);
  return { raw, read: units.join(""), places };
}

function unitAt(raw: string, at: number): { unit: string; length: number } {
  const unit = raw.charAt(at);
  if (unit !== "\\" || at + 1 === raw.length) return { unit, length: 1 };
  const code = /^[0-9a-fA-F]{4}/.exec(raw.slice(at + 2, at + 6))?.[0];
  const escaped = raw.charAt(at + 1);
  if (escaped === "u" && code !== undefined)
    return { unit: String.fromCharCode(Number.parseInt(code, 16)), length: 6 };
  return { unit: escapes[escaped] ?? escaped, length: 2 };
}

/** Where in the raw text something stands that was found in the text as it is read. */
export function placeInRaw({ places }: JsonText, match: Match): Match {
  if (places === undefined) return match;
  return { ...match, start: places[match.start] ?? 0, end: places[match.end] ?? 0 };
}

interface Token {
  /** Of the content, for a string. */
  start: number;
  end: number;
  isString: boolean;
}

const tokenPattern = /"((?:[^"\\]|\\.)*)"?|[^\s",:[\]{}]+/gs;

/**
 * The raw text with what was found replaced. Valid JSON stays valid.
 *
 * @param matches with offsets in the raw text; by start, none within another
 */
export function redactJson(raw: string, matches: readonly Match[], standIn: StandIn): string {
  if (matches.length === 0) return raw;
  let redacted = "";
  let out = 0;
  let first = 0;
  for (const token of tokensOf(raw)) {
    while ((matches[first]?.end ?? Infinity) <= token.start) first += 1;
    const behind = beginsBehind(matches, token.end, first);
    if (behind === first) continue;
    const within = matches.slice(first, behind);
    redacted += raw.slice(out, token.start) + replaced(token, raw, within, standIn);
    out = token.end;
  }
  return redacted + raw.slice(out);
}

/** The index of the first match, from `first` on, that begins at or behind a place. */
function beginsBehind(matches: readonly Match[], place: number, first: number): number {
  let index = first;
  while ((matches[index]?.start ?? Infinity) < place) index += 1;
  return index;
}

function* tokensOf(raw: string): Generator<Token> {
  for (const { 0: text, 1: content, index } of raw.matchAll(tokenPattern)) {
    const isString = content !== undefined;
    const start = isString ? index + 1 : index;
    yield { start, end: start + (isString ? content : text).length, isString };
  }
}

function replaced(
  { start, end, isString }: Token,
  raw: string,
  matches: readonly Match[],
  standIn: StandIn,
): string {
  const [first] = matches;
  if (!isString && first !== undefined) return quoted(standIn(first, raw.slice(start, end)));
  let text = "";
  let out = start;
  for (const match of matches) {
    const from = Math.max(out, match.start);
    const to = Math.min(end, match.end);
    const found = readJsonText(raw.slice(from, to)).read;
    text += raw.slice(out, from) + quoted(standIn(match, found)).slice(1, -1);
    out = to;
  }
  return text + raw.slice(out, end);
}

const quoted = (text: string): string => JSON.stringify(text);
