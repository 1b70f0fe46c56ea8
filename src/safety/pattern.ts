import { RE2JS } from "re2js";
import { err, ok, type Result } from "../lib/index.ts";
import type { PatternSettings } from "../table/index.ts";
import { inOrder, type Filter, type Match } from "./filter.ts";

/**
 * Finds what a user's expression matches. The engine takes linear time whatever the expression, and
 * fifty times that of the built-in one: a text that lacks a literal of the expression never meets it.
 *
 * @returns the filter, or what is wrong with the expression
 */
export function patternFilter(name: string, settings: PatternSettings): Result<Filter, string> {
  const { expression, ignoreCase } = settings;
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(expression, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return err(`The expression is not in RE2's syntax: ${reason}`);
  }
  const literal = literalOf(expression, ignoreCase);
  const inspect = (text: string): { filter: string; matches: Match[] } => {
    const searched = ignoreCase ? caseless(text) : text;
    const matches = searched.includes(literal) ? allMatches(compiled, text) : [];
    return { filter: name, matches: inOrder(matches) };
  };
  return ok({ name, window: undefined, inspect });
}

function allMatches(compiled: RE2JS, text: string): Match[] {
  const matcher = compiled.matcher(text);
  const matches: Match[] = [];
  while (matcher.find()) {
    const start = matcher.start();
    const end = matcher.end();
    // An empty match hides nothing and blocks everything: it is none.
    if (end > start) matches.push({ rule: "pattern/expression", start, end });
  }
  return matches;
}

/** RE2 takes the long s and the sign of the kelvin for the letters that they are forms of. */
const caseless = (text: string): string =>
  text.replaceAll("\u017f", "s").replaceAll("\u212a", "k").toLowerCase();

/**
 * The longest text that stands in every match, as far as that is plain to see: runs of letters,
 * digits and spaces outside of groups and classes that no quantifier makes optional. Empty where
 * there is none.
 */
function literalOf(expression: string, ignoreCase: boolean): string {
  if (/[|()[\]\\]/.test(expression.replaceAll(/\\[.\-_/+*?]/g, "")))
    return plainPrefix(expression, ignoreCase);
  const plain = expression.replaceAll(/\\./g, "\0").replaceAll(/.(?:[*?]|\{[^}]*\})/gu, "\0");
  return longestRun(plain, ignoreCase);
}

/** With groups, classes or alternatives only what stands before them is sure. */
function plainPrefix(expression: string, ignoreCase: boolean): string {
  if (expression.includes("|")) return "";
  const prefix = /^[A-Za-z0-9 _@:=-]*/.exec(expression)?.[0] ?? "";
  const optional = /^[*?{]/.test(expression.slice(prefix.length));
  return longestRun(optional ? prefix.slice(0, -1) : prefix, ignoreCase);
}

function longestRun(plain: string, ignoreCase: boolean): string {
  const runs = plain.match(/[A-Za-z0-9 _@:=-]+/g) ?? [];
  const longest = runs.toSorted((one, other) => other.length - one.length)[0] ?? "";
  return ignoreCase ? longest.toLowerCase() : longest;
}
