// That week, reduced: late calls would outlast the whole test, so each answer proves that another
// attempt was made. What it is like in time, `npm run eval:slow-backend` measures.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import type { RequestRecord } from "../../../src/records/index.ts";
import { figuresOf, type Figures } from "./slow-backend/figures.ts";
import type { Report } from "./slow-backend/report.ts";
import { Setup, type Outcome } from "./slow-backend/setup.ts";
import { hedge, slowPercent } from "./slow-backend/that-week.ts";

const requests = 400;
const scale = 10;
const perSecond = 60;

/** Past every bound of the route. */
const lateByMs = 300_000;

/** An attempt's bound is declared so long; no adaptive one is longer. */
const firstTokenMs = 10_000;

let quiet: Figures;
let outcome: Outcome;
let figures: Figures;

async function measure(delay: { lateByMs?: number }): Promise<Outcome> {
  const setup = await Setup.open({ scale, isProtected: true, ...delay });
  try {
    await setup.ask(requests, perSecond);
    return await setup.outcome();
  } finally {
    await setup.close();
  }
}

beforeAll(async () => {
  quiet = figuresOf(await measure({}));
  outcome = await measure({ lateByMs });
  figures = figuresOf(outcome);
});

const lateRecords = (): RequestRecord[] => {
  const ids = outcome.calls
    .filter(({ fault }) => fault !== undefined)
    .map(({ requestMetadata }) => requestMetadata?.["request_id"]);
  return outcome.records.filter(({ request_id: id }) => ids.includes(id));
};

describe("a backend that answers a tenth of its calls far too late", () => {
  it("is one: calls are late in about that share", () => {
    expect(quiet.slowCallsPercent).toBe(0);
    expect(figures.slowCallsPercent).toBeGreaterThan(slowPercent / 2);
    expect(figures.slowCallsPercent).toBeLessThan(slowPercent * 2);
  });

  it("fails no request", () => {
    expect(outcome.failures).toEqual([]);
    expect(figures).toMatchObject({ requests, errors: 0 });
    expect(outcome.firstBytesMs).toHaveLength(requests);
    expect(quiet.errors).toBe(0);
  });

  it("is overtaken by a hedge, or given up for a fallback where the budget of hedges is used up", () => {
    const late = lateRecords();
    expect(late.length).toBeGreaterThan(0);
    for (const { attempts, denied } of late) {
      const told = attempts.map(({ backend, kind, error_type: code }) => [backend, kind, code]);
      const [code, kind] =
        denied === "hedge" ? ["slow_first_token", "fallback"] : ["superseded", "hedge"];
      expect(told).toEqual([
        ["primary", "first", code],
        ["standby", kind, null],
      ]);
    }
  });

  it("is called no second time for it: each request has one attempt at each backend at most", () => {
    for (const { attempts } of outcome.records) {
      const backends = attempts.map(({ backend }) => backend);
      expect(new Set(backends).size).toBe(backends.length);
      expect(attempts.map(({ kind }) => kind)).not.toContain("retry");
    }
  });

  it("has hedges bounded by the route's share of them", () => {
    // The first may come with the first request, before any share was earned.
    const most = hedge.maxSharePercent + 100 / requests;
    expect(figures.hedgedPercent).toBeLessThanOrEqual(most);
    expect(figures.hedgesWonPercent).toBeGreaterThan(slowPercent / 4);
  });

  it("keeps no attempt waiting past its bound", () => {
    for (const { attempts } of outcome.records) {
      for (const { ttft_ms: firstToken, ms, error_type: code } of attempts) {
        // Timers of a busy machine fire late, though not by as much as an attempt may take.
        expect(code === null ? firstToken : ms).toBeLessThan(2 * firstTokenMs);
      }
    }
  });

  it("costs nearly nothing more where cancelled input is not billed, and that input where it is", () => {
    const { cancelledUnbilled, cancelledBilled } = figures.cost;
    const answered = quiet.cost.cancelledUnbilled;
    expect(cancelledUnbilled / answered).toBeLessThan(1.05);
    expect(cancelledUnbilled / answered).toBeGreaterThan(0.99);
    expect(cancelledBilled).toBeGreaterThan(cancelledUnbilled);
    expect(cancelledBilled / answered).toBeLessThan(1 + hedge.maxSharePercent / 100);
  });
});

describe("npm run eval:slow-backend", () => {
  const run = async (...flags: string[]) =>
    promisify(execFile)(process.execPath, ["scripts/eval-slow-backend.ts", ...flags], {
      timeout: 100_000,
    });

  it("tells what clients waited for and what it cost, and how that stands to the targets", async () => {
    const folder = await mkdtemp(join(tmpdir(), "switchyard-slow-backend-"));
    try {
      const json = join(folder, "report.json");
      const { stdout } = await run("--requests", "100", "--scale", "50", "--json", json);
      const report = JSON.parse(await readFile(json, "utf8")) as Report;
      const { quiet, slow, unprotected } = report.setups;
      expect([quiet, slow, unprotected].map((each) => each.requests)).toEqual([100, 100, 100]);
      expect([quiet, slow, unprotected].map((each) => each.errors)).toEqual([0, 0, 0]);
      expect(unprotected.hedgedPercent).toBe(0);
      expect(report.p99VsQuiet).toBe(slow.firstByteMs.p99 / quiet.firstByteMs.p99);
      expect(report.targets).toHaveLength(4);
      expect(stdout.match(/^target (met|MISSED): /gm)).toHaveLength(4);
      expect(stdout).toMatch(/everything 50 times quicker/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("names the flag that is wrong", async () => {
    await expect(run("--scale", "fast")).rejects.toMatchObject({
      code: 2,
      stderr: "--scale must be a number from 1 to 50\n",
    });
  });
});
