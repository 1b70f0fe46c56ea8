import { describe, expect, it } from "vitest";
import { problemsOf, reportLines, reportOf } from "../../../scripts/incidents/report.ts";
import type { Found } from "../../../scripts/incidents/run-incident.ts";

const times = { p50: 500, p90: 900, p99: 1_200 };

const found: Found = {
  alert: "SwitchyardBackendSlow",
  seconds: 61.5,
  tier: "fast",
  withinSeconds: 120,
  labels: { switchyard_backend: "haiku" },
  others: [{ alert: "SwitchyardFallbackShare", seconds: 90, labels: {} }],
  resolvedSeconds: 75,
  goneWithinSeconds: 480,
  clients: { requests: 400, errors: 0, firstByteMs: times, firstByteBeforeMs: times },
};
const lost: Found = { ...found, alert: null, seconds: null, tier: null, resolvedSeconds: null };

const report = (incident: Found, unexplained: string[] = []) =>
  reportOf({
    scrapeSeconds: 15,
    seconds: 700,
    incidents: { backend_slow: incident },
    unexplained: unexplained.map((alert) => ({ alert, labels: {}, since: 0, until: undefined })),
  });

describe("a run of incidents", () => {
  it.each<[string, ReturnType<typeof report>, string[]]>([
    ["in which all were found in time is a success", report(found), []],
    [
      "in which one was not found is none",
      report(lost),
      ["backend_slow was not found: its alert did not fire within 120 s"],
    ],
    [
      "in which one was found late is none",
      report({ ...found, seconds: 131 }),
      ["backend_slow was found by SwitchyardBackendSlow after 131 s, and 120 s are allowed"],
    ],
    [
      "in which an alert stays is none",
      report({ ...found, resolvedSeconds: null }),
      ["backend_slow has been over for 480 s, and SwitchyardBackendSlow fires still"],
    ],
    [
      "in which an alert stays that nobody waits for is a success",
      report({ ...found, resolvedSeconds: null, goneWithinSeconds: null }),
      [],
    ],
    [
      "in which an alert fires for nothing is none",
      report(found, ["SwitchyardTableStale"]),
      ["SwitchyardTableStale fired though nothing was wrong: {}"],
    ],
  ])("%s", (_, run, problems) => {
    expect(problemsOf(run)).toEqual(problems);
  });

  it("is a table for people, with what fired besides", () => {
    const text = reportLines(report(found)).join("\n");
    expect(text).toContain("| backend_slow | SwitchyardBackendSlow | fast | 61.5 s | 75 s ");
    expect(text).toContain("0 of 400");
    expect(text).toContain("besides, backend_slow: SwitchyardFallbackShare 90 s");
    expect(reportLines(report(lost)).join("\n")).toContain("NOT FOUND");
  });
});
