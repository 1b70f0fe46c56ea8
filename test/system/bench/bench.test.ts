import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BenchReport } from "../../../scripts/bench/bench-report.ts";

const run = promisify(execFile);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-bench-test-"));
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

const bench = async (...words: string[]) =>
  run(process.execPath, ["scripts/bench.ts", ...words], { timeout: 110_000 });

describe("npm run bench", () => {
  it("measures the router and the bare pass-through, and says where the router's time went", async () => {
    const json = join(folder, "bench.json");
    const flags = ["--rounds", "1", "--seconds", "0.2", "--json", json, "--profile", folder];
    const { stdout } = await bench("--only", "whole,bare", ...flags);
    const report = JSON.parse(await readFile(json, "utf8")) as BenchReport;
    expect(report.problems).toEqual({});
    expect(report).toMatchObject({
      whole_vs_bare: expect.any(Number) as number,
      stream_vs_bare: expect.any(Number) as number,
      addedP50Ms: expect.any(Number) as number,
      addedP99Ms: expect.any(Number) as number,
      rssMb: expect.any(Number) as number,
      coldStartMs: expect.any(Number) as number,
      tableLoadStallMs: expect.any(Number) as number,
      tableEditStallMs: expect.any(Number) as number,
      whole_vs_litellm: null,
      whole_vs_litellm_error: expect.any(String) as string,
    });
    // Nothing of telemetry is lost under full load: three spans and a record for each request.
    expect(report.contenders["whole"]).toMatchObject({
      spansPerRequest: { median: 3 },
      recordsPerRequest: { median: 1 },
    });
    expect(stdout).toMatch(/^ {2}whole_vs_bare +\d/m);
    expect(stdout).toMatch(/ %  \S+ {2}src\/router\/\S+\.ts:\d+$/m);
  });

  it("names what it has where it is asked for a contender that it has not", async () => {
    await expect(bench("--only", "bifrost")).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--only bifrost.*whole.*bare.*portkey/s) as string,
    });
  });
});
