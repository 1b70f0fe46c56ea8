import { contextLength, lastSpace, nextLongWord, overlaps, type Detector } from "../detector.ts";
import { inOrder, type Filter, type Hint, type Match } from "../filter.ts";
import { assignments } from "./assignments.ts";
import { openKey, privateKey } from "./private-key.ts";
import { tokens } from "./tokens.ts";

/** The rule that names a vendor tells more than one that saw an assignment. */
const byStrength: readonly Detector[] = [privateKey, tokens, assignments];

const longest = Math.max(...byStrength.map((detector) => detector.longest));

/** The most that an assignment takes from its value on, in quotes and with the spaces in them. */
const longestAssigned = 256;

const signs = /[\d@:=_-]/;
const directive = /requirepass/i;
/** A token of letters alone is longer than words are. */
const longerThanWords = 18;

/** Passwords may be letters alone as well, but stand behind a sign or a name. */
const hint: Hint = {
  test: (text) =>
    signs.test(text) ||
    nextLongWord(text, 0, longerThanWords) !== undefined ||
    directive.test(text),
};

/** But for private keys nothing goes on behind a space, other than a value in quotes. */
function settled(text: string): number {
  const space = lastSpace(text);
  const quiet = Math.min(text.length - 2 * longestAssigned, space - longestAssigned);
  return Math.min(quiet, openKey(text));
}

/**
 * Finds keys, tokens and passwords by what their vendors made them to look like, and by the names
 * that they are assigned to.
 *
 * @param settings `ignore`: texts that are no secrets though they look like some
 */
export function secretsFilter(
  name: string,
  { ignore = [] }: { ignore?: readonly string[] } = {},
): Filter {
  const ignored = new Set(ignore);
  const inspect = (text: string): { filter: string; matches: Match[] } => {
    if (!hint.test(text)) return { filter: name, matches: [] };
    const stronger: Match[] = [];
    const matches: Match[] = [];
    for (const detector of byStrength) {
      const found = detector.find(text);
      matches.push(...found.filter((match) => !stronger.some((other) => overlaps(match, other))));
      stronger.push(...found);
    }
    // Of what overlaps only the whole is what somebody wrote, and is asked for by.
    const whole = inOrder(matches);
    const counted = whole.filter(({ start, end }) => !ignored.has(text.slice(start, end)));
    return { filter: name, matches: counted };
  };
  return { name, window: longest + 2 * contextLength, settled, hint, inspect };
}
