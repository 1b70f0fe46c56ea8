import { describe, expect, test } from "vitest";
import { draftStatus } from "../../../../src/operator/status/draft-status.ts";
import { withFailure } from "../../../../src/operator/status/failed-status.ts";
import { kstatusOf } from "../../../support/kstatus.ts";

const noon = Date.parse("2026-03-01T12:00:00Z");
const minute = 60_000;

const standing = {
  routerClass: "default",
  isPublished: true,
  isPending: false,
  ready: 3,
  programmed: 3,
  serving: 3,
  refusals: [],
};

/** A route that every router serves in this generation. */
const served = draftStatus({
  resource: { kind: "ModelRoute", generation: 1 },
  findings: [],
  standings: [standing],
  previous: undefined,
  now: noon,
});

const typesOf = ({ conditions }: { conditions: { type: string }[] }) =>
  conditions.map(({ type }) => type);

describe("a route whose group could not be looked after", () => {
  test("keeps what was said of it, for the generation that it was said of", () => {
    const status = withFailure({ generation: 2, previous: served, now: noon + minute });
    expect(status).toMatchObject({
      observedGeneration: 1,
      publishedGeneration: 1,
      programmed: "3/3",
    });
    expect(typesOf(status)).toEqual([...typesOf(served), "Reconciling"]);
    expect(status.conditions.slice(0, -1)).toEqual(served.conditions);
    expect(status.conditions.at(-1)).toMatchObject({
      status: "True",
      reason: "NotReconciled",
      observedGeneration: 2,
      lastTransitionTime: "2026-03-01T12:01:00Z",
    });
  });

  test("says the same as long as it lasts, so that nothing is written again", () => {
    const first = withFailure({ generation: 2, previous: served, now: noon });
    expect(withFailure({ generation: 2, previous: first, now: noon + minute })).toEqual(first);
  });

  test.each([
    ["edited", 2, served],
    ["as it was", 1, served],
    ["new", 1, undefined],
    [
      "refused before",
      2,
      { ...served, conditions: [{ ...served.conditions[0]!, type: "Stalled" as const }] },
    ],
  ])("is in progress to whoever waits, be it %s", (_, generation, previous) => {
    const status = withFailure({ generation, previous, now: noon });
    expect(kstatusOf({ metadata: { generation }, status })).toBe("InProgress");
  });

  test("is as it would have been once the group is looked after again", () => {
    const failed = withFailure({ generation: 1, previous: served, now: noon });
    const again = draftStatus({
      resource: { kind: "ModelRoute", generation: 1 },
      findings: [],
      standings: [standing],
      previous: failed,
      now: noon + minute,
    });
    expect(again).toEqual(served);
  });
});
