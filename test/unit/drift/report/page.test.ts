import { describe, expect, it } from "vitest";
import { reportPage } from "../../../../src/drift/report/page.ts";
import { driftFinding, driftReport, routeDrift } from "../../../support/drift-report.ts";
import { days, series } from "./samples.ts";

const windows = days(31);
const distributions = [series(windows.map((_, index) => (index < 29 ? 1 : 1.6)))];

const pageOf = (given: Parameters<typeof driftReport>[0], missing: string[] = []): string =>
  reportPage({
    title: "Drift of models/default",
    report: { ...driftReport(given), missing },
    windows,
    distributions,
  });

describe("the page of a drift report", () => {
  it("draws what has drifted as it was and as it is, and window by window, with time and cause", () => {
    const page = pageOf({ assistant: routeDrift() });
    expect(page.match(/<svg class="chart"/g)).toHaveLength(2);
    for (const told of [
      "before",
      "now",
      "median",
      "P95",
      "changed 20",
      "region",
      "us-east-1",
      "80 %",
    ])
      expect(page).toContain(told);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("needs nothing from anywhere", () => {
    const page = pageOf({ assistant: routeDrift() });
    expect(page).not.toMatch(/(?:src|href)=["']?(?!#)|@import|https?:\/\//);
    expect(page).toContain("default-src 'none'");
    expect(page).not.toContain("<script");
  });

  it("says what could not be looked at, and what is pinned", () => {
    const pinned = { since: 0, reason: "It fell.", backends: ["small"], changedAt: 0 };
    const page = pageOf({ assistant: routeDrift({ pinned }) }, ["There are no labels."]);
    for (const told of ["There are no labels.", "Pinned to its baseline since 1970-01-01", "unpin"])
      expect(page).toContain(told);
  });

  it("shows the names that people have chosen, and obeys none of them", () => {
    const planted = `<script>alert("x")</script>`;
    const finding = driftFinding({
      key: { route: planted, backend: planted, tenant: planted },
      category: planted,
      sentence: planted,
    });
    const page = pageOf({ [planted]: routeDrift({ series: [finding] }) }, [planted]);
    expect(page).not.toContain("<script");
    expect(page).toContain("&lt;script&gt;");
  });

  it("folds away what cannot be judged yet, and says of each series what it lacks", () => {
    const sentence = "The cost of a request cannot be judged: the newest window has 4.";
    const unknown = { state: "insufficient", reference: null, current: null } as const;
    const young = driftFinding({ ...unknown, signal: "cost", sentence });
    const page = pageOf({ assistant: routeDrift({ series: [driftFinding(), young] }) });
    const [, folded = ""] = /<details>([\s\S]*)<\/details>/.exec(page) ?? [];
    expect(folded).toContain("Too little is known of 1 series");
    expect(folded).toContain(sentence);
    expect(page.replace(folded, "")).not.toContain(sentence);
  });

  it("draws nothing of a series of which nothing is known", () => {
    const finding = driftFinding({ state: "insufficient", reference: null, current: null });
    const page = reportPage({
      title: "Drift",
      report: driftReport({ assistant: routeDrift({ series: [finding] }) }),
      windows,
      distributions: [series(windows.map(() => null))],
    });
    expect(page).not.toContain("<svg");
  });
});
