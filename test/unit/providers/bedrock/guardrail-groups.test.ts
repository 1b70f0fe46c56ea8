import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  foundByMember,
  groupTexts,
  halvesOf,
  type Group,
} from "../../../../src/providers/bedrock/guardrail-groups.ts";
import { longestPiece } from "../../../../src/providers/bedrock/guardrail-pieces.ts";

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.nat(longestPiece + 2_000).map((length) => "word ".repeat(length / 5)),
);
const texts = fc.array(text, { maxLength: 40 });

const membersOf = (groups: readonly Group[]): [number, string][] =>
  groups.flatMap((group) =>
    group.members.map(({ index, start, end }): [number, string] => [
      index,
      group.text.slice(start, end),
    ]),
  );

describe("texts that go to a guardrail together", () => {
  it("are each in one group, whole and in their order, but for those that say nothing", () => {
    fc.assert(
      fc.property(texts, (all) => {
        const said = [...all.entries()].filter(([, each]) => each.trim() !== "");
        expect(membersOf(groupTexts(all))).toEqual(said);
      }),
      { numRuns: 60 },
    );
  });

  it("are no longer than a call takes, unless one of them is by itself", () => {
    fc.assert(
      fc.property(texts, (all) => {
        for (const group of groupTexts(all))
          if (group.members.length > 1) expect(group.text.length).toBeLessThanOrEqual(longestPiece);
      }),
      { numRuns: 60 },
    );
  });

  it("are halved into groups of the same texts", () => {
    fc.assert(
      fc.property(texts, (all) => {
        for (const group of groupTexts(all).filter(({ members }) => members.length > 1)) {
          const halves = halvesOf(group);
          expect(membersOf(halves)).toEqual(membersOf([group]));
          expect(halves.every(({ members }) => members.length > 0)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("have what was found in them at places of their own, and nothing that lies across two", () => {
    const [group] = groupTexts(["one", "two"]);
    const at = (start: number, end: number) => ({ rule: "r", start, end });
    if (group === undefined) throw new Error("There is no group");
    expect(foundByMember(group, [at(1, 3), at(5, 8)])).toEqual([[at(1, 3)], [at(0, 3)]]);
    expect(foundByMember(group, [at(2, 6)])).toBeUndefined();
  });
});
