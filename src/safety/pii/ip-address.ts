import { isIPv4, isIPv6 } from "node:net";
import { before, behind, everyMatch, type Detector } from "../detector.ts";
import type { Match } from "../filter.ts";

const fourNumbers = /(?<![\w.+]|[A-Za-z][-/])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\w|-[A-Za-z])/g;
const groups = /(?<![\w:.])(?:[0-9A-Fa-f]{1,4}|:):[0-9A-Fa-f:.]{0,41}[0-9A-Fa-f:](?![\w:])/g;

/** Four numbers that count versions or chapters: the word before them says so, or a comparison. */
const counted =
  /(?:\b(?:versions?|ver|v|release|released|rev|revision|build|firmware|driver|section|sections|sec|chapter|clause|paragraph|para|article|appendix|figure|fig|table|step|oid|kernel|patch|upgraded?|downgraded?|update|updated|bumped|bump|sdk|runtime|library|package|plugin|schema|requirement|rule|heading|item|python|node|java|chrome|firefox|safari|windows|android|ios|openssl|php|ruby|linux|dotnet|\.net|jdk|jre|gcc|clang|glibc|macos)\b[^\n;,.!?]{0,24}|§ ?|[=~<>!]= ?|[~^<>] ?)$/i;
const address =
  /\b(?:ips?|ipv4|addr|address|addresses|host|hosts|server|client|subnet|gateway|peer|source|dst|src|ping|from)\b/i;
const countedBehind = /^ (?:release|version|build|firmware|update|patch|sdk)\b/i;
const assigned = /\w ?= ?$/;
const netmask =
  /^(?:255|254|252|248|240|224|192|128|0)(?:\.(?:255|254|252|248|240|224|192|128|0)){3}$/;

function find(text: string): Match[] {
  const four = text.includes(".") ? findFour(text) : [];
  return twoColons.test(text) ? [...four, ...findSix(text)] : four;
}

/** Every address of the longer kind has two with at most four digits between them; to look for more costs more. */
const twoColons = /:[0-9A-Fa-f]{0,4}:/;

function findFour(text: string): Match[] {
  return everyMatch(fourNumbers, text).flatMap(({ 0: word, index }) => {
    const end = index + word.length;
    const nobodys = word === "127.0.0.1" || netmask.test(word);
    if (!isIPv4(word) || nobodys || isCounted(text, index, end)) return [];
    return [{ rule: "pii/ip-address", start: index, end }];
  });
}

/** What was upgraded goes from one version to another, and names of members may end in one. */
const versioned =
  /(?:\b(?:up|down)grad\w{1,4} (?:\w{1,16} )?(?:from |to )?(?:[\d.]{7,15} to )?|version["'(\s:=v]{0,6})$/i;

function isCounted(text: string, start: number, end: number): boolean {
  if (versioned.test(before(text, start, 48))) return true;
  const words = before(text, start, 32);
  if (countedBehind.test(behind(text, end))) return true;
  const found = counted.exec(words);
  if (found === null) return false;
  return !address.test(found[0]) && !assigned.test(words);
}

function findSix(text: string): Match[] {
  return everyMatch(groups, text).flatMap(({ 0: word, index }) => {
    // The end of a sentence or a colon behind an address is none of it.
    const trimmed = word.replace(/(?<!:)[:.]+$/, "");
    if (!isIPv6(trimmed) || !isSomebodys(trimmed)) return [];
    return [{ rule: "pii/ip-address", start: index, end: index + trimmed.length }];
  });
}

/** Loopback and unspecified are nobody's; `ab::cd` is a path of some programming language. */
const isSomebodys = (word: string): boolean =>
  word !== "::1" &&
  word !== "::" &&
  /\d/.test(word) &&
  (word.split(":").length > 3 || /^[0-9a-f]{4}:/i.test(word));

export const ipAddress: Detector = { longest: 45, find };
