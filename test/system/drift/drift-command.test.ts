// `switchyard drift` over the records of a month: what it prints, writes and returns.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directorySink } from "../../../src/records/index.ts";
import { readDriftReport, type DriftReport } from "../../../src/table/index.ts";
import { backendOf, routeOf } from "../../support/local-resources.ts";
import { makeAttemptRecord, makeRecord } from "../../support/observations.ts";
import { yamlOf } from "../../support/start-local.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";

const day = 86_400_000;
const end = Date.UTC(2026, 10, 28);
/** In which answers of `slowing` take half as long again. */
const slowDays = 2;
const perDay = 240;

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "switchyard-drift-"));
  await mkdir(join(home, "config"));
  const drift = { drift: {}, envelope: { totalP95: "30s" } };
  const resources = [
    backendOf("lite", { name: "slowing" }),
    routeOf("chat", ["slowing"], drift),
    routeOf("steady", ["slowing"], drift),
    routeOf("unwatched", ["slowing"]),
  ];
  await writeFile(join(home, "config", "all.yaml"), yamlOf(resources));
  const sink = directorySink(join(home, "records"));
  for (let index = 0; index < 31 * perDay; index += 1) {
    const ts = end - 31 * day + (index * day) / perDay + 1_000;
    // What is not written yet is bounded.
    if (index % 100 === 0) await sink.flush();
    for (const route of ["chat", "steady", ...(index % 50 === 0 ? ["unwatched"] : [])]) {
      const isSlow = route === "chat" && ts >= end - slowDays * day;
      // The same spread every day.
      const ms = (500 + 40 * (index % 24)) * (isSlow ? 1.5 : 1);
      sink.write(
        makeRecord({
          request_id: `${route}-${index}`,
          ts: new Date(ts).toISOString(),
          namespace: "default",
          route,
          tenant: null,
          latency_ms: ms,
          attempts: [makeAttemptRecord({ backend: "slowing", ms, ttft_ms: ms / 4 })],
        }),
      );
    }
  }
  await sink.close();
  expect(sink.dropped()).toBe(0);
}, 120_000);

afterAll(() => rm(home, { recursive: true, force: true }));

async function drift(...words: string[]) {
  const given = ["--config", join(home, "config"), "--records", join(home, "records")];
  return new SwitchyardProcess(["drift", ...given, ...words]).ended();
}

async function reportIn(file: string): Promise<DriftReport> {
  const report = readDriftReport(await readFile(file, "utf8"));
  if (!report.ok) throw new Error(report.error);
  return report.value;
}

describe("switchyard drift", () => {
  it("finds the route that has become slower, says so to people, and ends well", async () => {
    const { code, stdout, stderr } = await drift("--at", new Date(end).toISOString());
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/\| chat +\| drifted +\| - +\| within bounds/);
    expect(stdout).toMatch(/\| steady +\| within bounds/);
    expect(stdout).not.toContain("unwatched");
    expect(stdout).toContain("Total latency of slowing");
  }, 120_000);

  it("keeps its report and page where a local router finds them", async () => {
    const folder = join(home, "records", "drift");
    const { routes } = await reportIn(join(folder, "drift.json"));
    expect(Object.keys(routes)).toEqual(["chat", "steady"]);
    const [worst] = routes["chat"]!.series;
    expect(worst).toMatchObject({ state: "drifted", key: { backend: "slowing", tenant: null } });
    expect(Math.abs((worst?.changedAt ?? 0) - (end - slowDays * day))).toBeLessThanOrEqual(day);
    expect(await readFile(join(folder, "report.html"), "utf8")).toContain('<svg class="chart"');
  });

  it("writes both to files that are named, and lines for programs", async () => {
    const [out, html] = [join(home, "report.json"), join(home, "report.html")];
    const at = new Date(end - 5 * day).toISOString();
    const { code, stdout } = await drift("--at", at, "--out", out, "--html", html, "--json");
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { route?: string });
    expect(lines.flatMap(({ route }) => route ?? [])).toEqual(["chat", "steady"]);
    // Five days before, nothing had happened yet.
    expect((await reportIn(out)).routes["chat"]?.latency.state).toBe("ok");
    expect(await readFile(html, "utf8")).toContain("<!doctype html>");
  }, 120_000);

  it("says where no route asks to be watched, and reads no records for it", async () => {
    const folder = join(home, "unwatched");
    await mkdir(folder);
    const resources = [backendOf("lite", { name: "slowing" }), routeOf("chat", ["slowing"])];
    await writeFile(join(folder, "all.yaml"), yamlOf(resources));
    const { code, stdout, stderr } = await drift("--config", folder);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("No route asks to be watched: set spec.drift.");
  }, 60_000);

  it("says of young records what is lacking, and when it will be there", async () => {
    const { code, stdout } = await drift("--at", new Date(end - 28 * day).toISOString());
    expect(code).toBe(0);
    expect(stdout).toMatch(/\| chat +\| too little known/);
    expect(stdout).toMatch(/cannot be judged: it takes 14 windows of at least 200 requests before/);
    expect(stdout).toContain("3 are known");
    expect(stdout).toContain("from 2026-11-12 00:00 UTC on at the earliest");
    expect(stdout).toContain(join("drift", "report.html"));
  }, 60_000);

  it.each([
    [1, ["--prometheus", "http://127.0.0.1:9"], "Prometheus"],
    [1, ["--at", "2020-01-01"], "nothing from before 2020-01-01"],
    [2, ["--window", "soon"], "--window must be so long ago"],
    [2, ["--window", "1m"], "--window must be from 10m to 31d"],
    [2, ["--window", "2020-01-01"], "--window must be from 10m to 31d"],
    [2, ["--prometheus", "prometheus:9090"], "--prometheus: write a URL with http"],
    [2, ["--prometheus", "prometheus"], "--prometheus: write a URL with http"],
    [2, ["--clickhouse", "http://me:secret@127.0.0.1:9"], "--clickhouse: write it without cred"],
    [1, ["--records", "/nowhere", "--clickhouse", "http://127.0.0.1:9"], "ClickHouse"],
    [2, ["--cluster"], "--cluster stands in place of --config"],
    [2, ["--records", "/nowhere"], "There are no records"],
  ])(
    "ends with %i where it is called with %j",
    async (expected, words, told) => {
      const { code, stderr } = await drift(...words);
      expect([code, stderr]).toEqual([expected, expect.stringContaining(told)]);
    },
    60_000,
  );
});
