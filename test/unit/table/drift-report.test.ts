import { describe, expect, it } from "vitest";
import { driftOf, readDriftReport } from "../../../src/table/index.ts";
import { driftFinding, driftReport, routeDrift } from "../../support/drift-report.ts";

const report = driftReport({
  assistant: routeDrift({
    pinned: { since: 2, reason: "Accuracy fell.", backends: ["small"], changedAt: 1 },
  }),
});

/** The text of a report with one member written otherwise. */
const textWith = (member: string, value: unknown) =>
  JSON.stringify(report, (key: string, held: unknown) => (key === member ? value : held));

describe("a drift report", () => {
  it("is read as it was written", () => {
    expect(readDriftReport(JSON.stringify(report))).toEqual({ ok: true, value: report });
  });

  it("of a later release is read as far as this one knows it", () => {
    const text = JSON.stringify({ ...report, advice: "Look at the region" });
    expect(readDriftReport(text)).toEqual({ ok: true, value: report });
  });

  it("says nothing of a route that it does not name, whatever that is called", () => {
    expect(driftOf(report, "assistant")?.pinned?.since).toBe(2);
    for (const name of ["constructor", "__proto__", "other"])
      expect(driftOf(report, name)).toBeUndefined();
  });

  it.each([
    [textWith("lookedAt", 8_640_000_000_000_001), "lookedAt"],
    ["", "it is empty: the job has not run yet"],
    ["{", "it is not JSON"],
    [textWith("version", 2), "it has version 2, and this release reads 1"],
    [textWith("state", "fine"), "routes.assistant.latency.state"],
    [textWith("since", -1), "routes.assistant.pinned.since"],
    [textWith("series", [driftFinding({ pValue: 1.5 })]), "routes.assistant.series.0.pValue"],
  ])("is refused where it is %s", (text, why) => {
    const read = readDriftReport(text);
    expect(read).toMatchObject({ ok: false, error: expect.stringContaining(why) as string });
  });
});
