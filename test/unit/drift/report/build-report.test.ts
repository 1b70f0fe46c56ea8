import { describe, expect, it } from "vitest";
import type { SeriesFinding } from "../../../../src/drift/index.ts";
import { buildReport, type WatchedRoute } from "../../../../src/drift/report/build-report.ts";
import { readDriftReport } from "../../../../src/table/index.ts";
import { driftFinding } from "../../../support/drift-report.ts";
import { at, days } from "./samples.ts";

const route = (name: string): WatchedRoute => ({
  name,
  baseline: "large",
  bounds: { distancePercent: 20, p50Percent: 25, p95Percent: 25, floorPercent: 95 },
  envelope: {},
  floorPercent: 95,
  goldenSet: null,
  pins: false,
});

const reportOf = (series: readonly SeriesFinding[], routes = [route("assistant")]) =>
  buildReport({
    at,
    windows: days(31),
    source: "Prometheus",
    routes,
    findings: { series },
    distributions: [],
    labels: [],
    previous: null,
    missing: [],
  });

describe("a report", () => {
  it("tells of each route what its own series say", () => {
    const report = reportOf([driftFinding()], [route("assistant"), route("other")]);
    expect(report.routes).toMatchObject({
      assistant: { latency: { state: "drifted" }, accuracy: null, envelope: null, pinned: null },
      other: { latency: { state: "insufficient" }, series: [] },
    });
    expect(readDriftReport(JSON.stringify(report))).toEqual({ ok: true, value: report });
  });

  it.each([
    { backend: "", tenant: null },
    { backend: "b".repeat(254), tenant: null },
    { backend: "large", tenant: "" },
    { backend: "large", tenant: "t".repeat(254) },
  ])("leaves out what nobody can be called, and is read again: %j", (key) => {
    const strange = driftFinding({ key: { route: "assistant", ...key } });
    const report = reportOf([strange, driftFinding({ state: "ok" })]);
    expect(report.routes["assistant"]).toMatchObject({ latency: { state: "ok" } });
    expect(report.routes["assistant"]?.series).toHaveLength(1);
    expect(readDriftReport(JSON.stringify(report))).toEqual({ ok: true, value: report });
  });

  it("calls latency fine where nothing has drifted, and says of how many too little is known", () => {
    const fine = driftFinding({ state: "ok" });
    const unknown = driftFinding({ state: "insufficient" });
    expect(reportOf([fine, unknown]).routes["assistant"]?.latency).toEqual({
      state: "ok",
      sentence: "Latency is within its bounds, by 1 series; of 1 more too little is known.",
    });
  });

  it("has judged accuracy alone count, where there is any", () => {
    const believed = driftFinding({ signal: "accuracy", estimated: true });
    const judged = driftFinding({ signal: "accuracy", state: "ok" });
    expect(reportOf([believed]).routes["assistant"]?.accuracy?.state).toBe("drifted");
    expect(reportOf([believed, judged]).routes["assistant"]?.accuracy?.state).toBe("ok");
  });

  it("keeps of very many series the first of each route, and says how many it left", () => {
    const many = Array.from({ length: 3_000 }, (_, index) =>
      driftFinding({
        key: { route: index % 2 === 0 ? "a" : "b", backend: `backend-${index}`, tenant: null },
      }),
    );
    const report = reportOf(many, [route("a"), route("b")]);
    expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThan(700 * 1_024);
    for (const [name, own] of Object.entries(report.routes)) {
      expect(own.series.length).toBeGreaterThan(100);
      expect(own.series[0]?.key.backend).toBe(name === "a" ? "backend-0" : "backend-1");
      expect(own.series.length + own.left).toBe(1_500);
    }
  });

  it("has room for what is pinned and what has moved, of however many routes", () => {
    const names = Array.from({ length: 9_000 }, (_, index) => `route-of-a-longish-name-${index}`);
    const report = reportOf(
      [driftFinding({ key: { route: names[8_999] ?? "", backend: "large", tenant: null } })],
      names.map(route),
    );
    expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThan(700 * 1_024);
    expect(report.routes[names[8_999] ?? ""]?.latency.state).toBe("drifted");
    const left = 9_000 - Object.keys(report.routes).length;
    expect(report.missing[0]).toContain(`${left} of 9000 routes are left out`);
    expect(readDriftReport(JSON.stringify(report))).toEqual({ ok: true, value: report });
  });

  it("would rather say less of each route than leave one out", () => {
    const names = Array.from({ length: 2_000 }, (_, index) => `route-${index}`);
    const moved = names.flatMap((name) =>
      ["a", "b"].map((backend) =>
        driftFinding({ key: { route: name, backend, tenant: null }, sentence: "x".repeat(900) }),
      ),
    );
    const report = reportOf(moved, names.map(route));
    expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThan(700 * 1_024);
    expect(Object.keys(report.routes)).toHaveLength(2_000);
    expect(report.routes["route-0"]).toMatchObject({ series: [], left: 2 });
    expect(report.missing).toEqual([]);
  });
});
