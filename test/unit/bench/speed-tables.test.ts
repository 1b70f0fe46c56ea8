import { describe, expect, it } from "vitest";
import { benchReport } from "../../../scripts/bench/bench-report.ts";
import { bare } from "../../../scripts/bench/contenders/bare.ts";
import { litellm } from "../../../scripts/bench/contenders/litellm.ts";
import { portkey } from "../../../scripts/bench/contenders/portkey.ts";
import { routers } from "../../../scripts/bench/contenders/router.ts";
import { speedTables } from "../../../scripts/bench/speed-tables.ts";
import { figuresAt } from "./figures.ts";

const report = benchReport({
  rounds: [
    { whole: figuresAt(5_000), bare: figuresAt(10_000), portkey: figuresAt(1_000, 1, false) },
  ],
  problems: { portkey: "It does not stream (status 500)", litellm: "pip found no such version" },
  contenders: [...routers, bare, portkey, litellm],
  seconds: 3,
  beginnings: {
    coldStartMs: { median: 321.4, min: 300, max: 400 },
    tableLoadStallMs: { median: 0.87, min: 0.5, max: 2 },
    tableEditStallMs: { median: 0.42, min: 0.3, max: 1 },
  },
  reservations: undefined,
  choices: {
    choicePlannedP50Us: { median: 30.4, min: 29, max: 33 },
    choicePlannedP99Us: { median: 120.2, min: 90, max: 200 },
    choiceByTierP50Us: { median: 4.2, min: 4, max: 5 },
    choiceByTierP99Us: { median: 20, min: 18, max: 30 },
  },
});

describe("the README's tables of speed", () => {
  const { measured, whole, streamed } = speedTables(report);

  it("hold everything that was measured against the limit", () => {
    const shares = whole.rows.map(([title, perSecond, share]) => [title, perSecond, share]);
    expect(shares).toEqual([
      [expect.stringContaining("router, whole"), "5,000", "0.50"],
      [bare.title, "10,000", "1.0"],
      [portkey.title, "1,000", "0.10"],
    ]);
  });

  it("leave out of the streams who does not stream", () => {
    expect(streamed.rows.map(([title]) => title)).not.toContain(portkey.title);
    expect(streamed.rows).toHaveLength(2);
  });

  it("say when and where this was, and what could not be had", () => {
    expect(measured).toContain(report.date);
    expect(measured).toContain("`npm run bench`: 1 rounds of 3 s");
    expect(measured).toContain("Portkey 1.15.2 did not stream.");
    expect(measured).toContain("litellm could not be had.");
    expect(measured).toContain("ready 321 ms after its start");
    expect(measured).toContain("waiting for 0.9 ms at most, a change of one route for 0.4 ms");
    expect(measured).toContain(
      "takes 30 µs (p50) and 120 µs (p99) for a prompt of 1,000 characters",
    );
  });
});
