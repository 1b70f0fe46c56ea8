import { tableLength } from "../column.ts";
import { contextLength, lastSpace, overlaps, type Detector } from "../detector.ts";
import type { Entity, PiiSettings } from "../../table/index.ts";
import { inOrder, type Filter, type Match } from "../filter.ts";
import { birthDate } from "./birth-date.ts";
import { card } from "./card.ts";
import { email } from "./email.ts";
import { iban } from "./iban.ts";
import { ipAddress } from "./ip-address.ts";
import { nationalId } from "./national-id.ts";
import { phone } from "./phone.ts";

/** Of two that claim the same digits the earlier is right: its check, or the word for it, is the harder to meet by chance. */
const byStrength: readonly (readonly [Entity, Detector])[] = [
  ["Email", email],
  ["Iban", iban],
  ["NationalId", nationalId],
  ["CreditCard", card],
  ["IpAddress", ipAddress],
  ["BirthDate", birthDate],
  ["Phone", phone],
];

const entities: readonly Entity[] = byStrength.map(([entity]) => entity);

const longest = Math.max(...byStrength.map(([, detector]) => detector.longest));

const hint = /[\d@:]/;

/** The most that anything with spaces in it takes, and the words behind it. */
const longestSpaced =
  Math.max(...byStrength.map(([, { longest: most }]) => (most === longest ? 0 : most))) +
  contextLength;

/** An address of mail is long, and over where a space is. */
function settled(text: string): number {
  const space = lastSpace(text);
  return Math.min(text.length - 2 * longestSpaced, space - longestSpaced);
}

/** Finds personal data by form, check digits and the words around it. */
export function piiFilter(
  name: string,
  { entities: wanted = entities, ignore = [] }: PiiSettings = {},
): Filter {
  const ignored = new Set(ignore);
  const inspect = (text: string): { filter: string; matches: Match[] } => {
    if (!hint.test(text)) return { filter: name, matches: [] };
    const stronger: Match[] = [];
    const matches: Match[] = [];
    for (const [entity, detector] of byStrength) {
      const found = detector.find(text);
      // What is not wanted still tells that its digits are no other thing.
      if (wanted.includes(entity))
        matches.push(...found.filter((match) => !stronger.some((other) => overlaps(match, other))));
      stronger.push(...found);
    }
    // Of what overlaps only the whole is what somebody wrote, and is asked for by.
    const whole = inOrder(matches);
    const counted = whole.filter(({ start, end }) => !ignored.has(text.slice(start, end)));
    return { filter: name, matches: counted };
  };
  // A weaker match ends where it may, a stronger one over its end ends later, and has words behind it.
  return {
    name,
    window: longest + 2 * contextLength + tableLength,
    settled,
    hint,
    inspect,
  };
}
