import { describe, expect, it } from "vitest";
import { keptShelf, type KeptReport } from "../../../src/cli/drift/cluster-shelf.ts";
import { handClock } from "../../support/console-facts.ts";
import { driftReport, routeDrift } from "../../support/drift-report.ts";

const shelfOf = (kept: KeptReport) => keptShelf(async () => kept, handClock());

describe("the shelf of a group's drift report", () => {
  it("says that the job has not run where there is none", async () => {
    const shelf = shelfOf({ report: null, page: null });
    expect(await shelf.look()).toEqual({ kind: "none", why: "the drift job has not run yet" });
    expect(await shelf.page()).toBeNull();
  });

  it("gives the report with its page", async () => {
    const report = driftReport({ assistant: routeDrift() });
    const shelf = shelfOf({ report: JSON.stringify(report), page: "<p>Report" });
    expect(await shelf.look()).toEqual({ kind: "report", report, hasPage: true });
    expect(await shelf.page()).toBe("<p>Report");
  });

  it.each(["", "{", '{"version":2}'])("says why one cannot be read (%j)", async (report) => {
    const look = await shelfOf({ report, page: null }).look();
    expect(look).toEqual({ kind: "none", why: expect.stringMatching(/./) });
  });

  it("says what keeps it from asking at all", async () => {
    const shelf = keptShelf(async () => {
      throw new Error("the API server is away");
    }, handClock());
    expect(await shelf.look()).toEqual({
      kind: "none",
      why: "it cannot be read: the API server is away",
    });
    expect(await shelf.page()).toBeNull();
  });

  it("asks again after a while, and not with every look", async () => {
    const clock = handClock();
    let asked = 0;
    const shelf = keptShelf(async () => {
      asked += 1;
      return { report: asked === 1 ? null : JSON.stringify(driftReport()), page: null };
    }, clock);
    await Promise.all([shelf.look(), shelf.look(), shelf.page()]);
    expect([asked, (await shelf.look()).kind]).toEqual([1, "none"]);
    clock.pass(31_000);
    expect([(await shelf.look()).kind, asked]).toEqual(["report", 2]);
  });
});
