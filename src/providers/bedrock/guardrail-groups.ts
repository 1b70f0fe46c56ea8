import { longestPiece } from "./guardrail-pieces.ts";
import type { Placed } from "./guardrail-places.ts";

/** Texts that go in one call, by their places in the list, and where each begins in it. */
export interface Group {
  text: string;
  members: readonly { index: number; start: number; end: number }[];
}

const between = "\n\n";

/** So many that halving a blocked group to the end stays quick. */
const mostMembers = 16;

/**
 * Texts put together as far as one call takes them: a call is paid by the thousand characters begun, and
 * most texts of a conversation are short. One that is too long for a call is a group of its own.
 */
export function groupTexts(texts: readonly string[]): Group[] {
  const groups: { text: string; members: Group["members"][number][] }[] = [];
  for (const [index, text] of texts.entries()) {
    // Bedrock takes no text that says nothing, and there is nothing to judge.
    if (text.trim() === "") continue;
    const last = groups.at(-1);
    const start = last === undefined ? 0 : last.text.length + between.length;
    if (last !== undefined && isRoomFor(text, start, last.members.length)) {
      last.members.push({ index, start, end: start + text.length });
      last.text += between + text;
    } else groups.push({ text, members: [{ index, start: 0, end: text.length }] });
  }
  return groups;
}

const isRoomFor = (text: string, start: number, members: number): boolean =>
  members < mostMembers && start + text.length <= longestPiece;

/** The two halves of a group of two members and more. */
export function halvesOf({ text, members }: Group): Group[] {
  const middle = Math.ceil(members.length / 2);
  return [members.slice(0, middle), members.slice(middle)].map((half) => {
    const from = half[0]?.start ?? 0;
    return {
      text: text.slice(from, half.at(-1)?.end),
      members: half.map(({ index, start, end }) => ({
        index,
        start: start - from,
        end: end - from,
      })),
    };
  });
}

/**
 * What was found in a group, by its members, with places of their own.
 *
 * @returns undefined where something lies in none of them
 */
export function foundByMember(
  { members }: Group,
  found: readonly Placed[],
): Placed[][] | undefined {
  const byMember = members.map(({ start, end }) =>
    found
      .filter((each) => each.start >= start && each.end <= end)
      .map(({ rule, ...place }) => ({ rule, start: place.start - start, end: place.end - start })),
  );
  const told = byMember.reduce((sum, each) => sum + each.length, 0);
  return told === found.length ? byMember : undefined;
}
