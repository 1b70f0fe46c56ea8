import { describe, expect, it } from "vitest";
import { benchReport } from "../../../scripts/bench/bench-report.ts";
import { compare } from "../../../scripts/bench/comparisons.ts";
import { reportLines } from "../../../scripts/bench/report-lines.ts";
import { bare } from "../../../scripts/bench/contenders/bare.ts";
import { routers } from "../../../scripts/bench/contenders/router.ts";
import { figuresAt } from "./figures.ts";

describe("comparing contenders", () => {
  it("holds medians against each other, with the least and most of one round", () => {
    const rounds = [
      { whole: figuresAt(400), bare: figuresAt(1_000) },
      { whole: figuresAt(600), bare: figuresAt(1_000) },
      { whole: figuresAt(500), bare: figuresAt(500) },
    ];
    expect(compare(rounds, {}).whole_vs_bare).toEqual({ median: 0.5, min: 0.4, max: 1 });
    expect(compare(rounds, {}).stream_vs_bare).toEqual({ median: 0.5, min: 0.4, max: 1 });
  });

  it("takes the latency of the bare pass-through off the router's, round by round", () => {
    const rounds = [
      { whole: figuresAt(400, 3), bare: figuresAt(1_000, 1) },
      { whole: figuresAt(400, 12), bare: figuresAt(1_000, 9) },
    ];
    expect(compare(rounds, {}).addedP99Ms).toEqual({ median: 2.5, min: 2, max: 3 });
  });

  it("leaves out rounds in which one of the two failed", () => {
    const rounds = [{ whole: figuresAt(400) }, { whole: figuresAt(600), portkey: figuresAt(100) }];
    expect(compare(rounds, {}).whole_vs_portkey).toEqual({ median: 6, min: 6, max: 6 });
  });

  it("says why there is nothing to compare with", () => {
    const rounds = [{ whole: figuresAt(400), bare: figuresAt(800, 1, false) }];
    const compared = compare(rounds, { litellm: "pip found no such version" });
    expect(compared.whole_vs_litellm).toEqual({ missing: "pip found no such version" });
    expect(compared.withSafety_vs_bare).toEqual({
      missing: "withSafety and bare were not both measured",
    });
    expect(compared.stream_vs_bare).toHaveProperty("missing");
  });
});

describe("the report", () => {
  const report = benchReport({
    rounds: [{ whole: figuresAt(400), bare: figuresAt(800, 1, false) }],
    problems: { transport: "It did not start" },
    contenders: [...routers, bare],
    seconds: 1,
    beginnings: undefined,
    reservations: undefined,
    choices: undefined,
  });

  it("has each figure as a number, or null with the reason beside it", () => {
    expect(report).toMatchObject({ whole_vs_bare: 0.5, rssMb: 100, rounds: 1 });
    expect(report).toMatchObject({
      transport_vs_bare: null,
      transport_vs_bare_error: "It did not start",
      whole_vs_portkey: null,
      whole_vs_portkey_error: "whole and portkey were not both measured",
    });
    expect(report).not.toHaveProperty("whole_vs_bare_error");
  });

  it("shows everything that was measured, and names what was not", () => {
    const text = reportLines(report).join("\n");
    expect(text).toMatch(/^whole +400 /m);
    expect(text).toMatch(/^ {2}whole_vs_bare +0\.500$/m);
    expect(text).toContain("transport_vs_bare: none, It did not start");
  });
});
