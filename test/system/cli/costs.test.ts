// `switchyard costs` over records that a router left under faults, held against the simulators' own account.
import { glob, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directorySink, type RequestRecord } from "../../../src/records/index.ts";
import { simulatedModels } from "../../../src/simulators/index.ts";
import { backendOf, models, routeOf, tenantOf } from "../../support/local-resources.ts";
import { makeRecord } from "../../support/observations.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";

let home: string;
let records: readonly RequestRecord[] = [];
let local: Local;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "switchyard-costs-"));
  local = await startLocal({
    resources: [
      backendOf("micro"),
      backendOf("lite"),
      backendOf("titan"),
      backendOf("container", {
        pricing: { instanceHourly: "7.2" },
        concurrency: { max: 4, maxQueued: 4 },
      }),
      routeOf("chat", ["micro", "lite"], { access: "Tenants", baseline: { name: "lite" } }),
      routeOf("own", ["container"], { access: "Tenants", baseline: { name: "container" } }),
      routeOf("vectors", ["titan"], { type: "Embeddings", baseline: { name: "titan" } }),
      tenantOf("acme", "sy_acme"),
      tenantOf("umbra", "sy_umbra"),
    ],
  });
  await traffic();
  await local.records.where(() => true, "the traffic", requests);
  records = local.records.all;
  await keep(join(home, "real"), records);
});

afterAll(async () => {
  await local.stop();
  await rm(home, { recursive: true, force: true });
});

const requests = 60;

/** Whole answers and streams, throttled, cut and failed ones, embeddings, and callers who are nobody: always the same. */
async function traffic(): Promise<void> {
  const { faults } = local.simulator;
  const throttle = { model: models.micro, kind: "throttling", count: 1 } as const;
  const cut = { kind: "cut", count: 1, afterFrames: 4 } as const;
  for (let index = 0; index < requests; index += 1) {
    const key = index % 3 === 0 ? "sy_umbra" : "sy_acme";
    const words = "so ".repeat(index + 10);
    const stream = index % 2 === 0;
    if (index % 5 === 1 || index % 10 === 2) faults.set(throttle);
    if (index % 10 === 2) faults.set({ model: models.lite, ...cut });
    if (index % 10 === 4) faults.set({ model: models.micro, ...cut });
    if (index % 10 === 9) await send(local, { body: chatOf("chat", "hi"), key: "sy_nobody" });
    else if (index % 10 === 8) {
      await send(local, { path: "/v1/embeddings", body: { model: "vectors", input: words } });
    } else if (index % 10 === 7) await send(local, { body: chatOf("own", "repeat: ours"), key });
    else await send(local, { body: chatOf("chat", `repeat: ${words}`, { stream }), key });
    local.heal();
  }
}

async function keep(folder: string, kept: readonly RequestRecord[]): Promise<void> {
  const sink = directorySink(folder);
  for (const record of kept) sink.write(record);
  await sink.close();
}

async function costs(words: readonly string[], environment: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new SwitchyardProcess(
    ["costs", ...words],
    environment,
  ).ended();
  return { code, stdout, stderr };
}

interface Figures {
  requests: number;
  tokens_in: number;
  tokens_out: number;
  cost_usd: number;
  estimated_usd: number;
  allocated_usd: number;
  baseline_usd: number | null;
  saved_usd: number | null;
}

interface Report {
  groups: (Figures & Record<string, unknown>)[];
  total: Figures;
  unread: number;
}

async function reportBy(by: string, folder = "real"): Promise<Report> {
  const { code, stdout, stderr } = await costs([
    "--by",
    by,
    "--records",
    join(home, folder),
    "--format",
    "json",
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as Report;
}

/** Whole pico-USD. */
const pico = (usd: number | undefined): number => Math.round((usd ?? 0) * 1e12);

/** What a simulated model has answered to the end: tokens, and their price in whole pico-USD. */
function accountOf(id: string) {
  const prices = simulatedModels.find((model) => model.id === id)?.pricing;
  const account = { calls: 0, in: 0, out: 0, cost: 0 };
  for (const call of local.simulator.calls()) {
    if (call.model !== id || call.status !== 200 || call.fault !== undefined) continue;
    account.calls += 1;
    account.in += call.inputTokens;
    account.out += call.outputTokensSent;
  }
  const perToken = (usd: string | undefined): number => Math.round(Number(usd ?? "0") * 1e6);
  account.cost =
    account.in * perToken(prices?.inputPerMTok) + account.out * perToken(prices?.outputPerMTok);
  return account;
}

describe("switchyard costs, over what a router recorded under faults", () => {
  it.each(["micro", "lite", "titan"] as const)(
    "charges for %s's answers what its simulator counted, times the prices",
    async (name) => {
      const { groups } = await reportBy("backend,kind");
      const answers = groups.find(({ backend, kind }) => backend === name && kind === "answer");
      const account = accountOf(models[name]);
      expect(account.calls).toBeGreaterThan(3);
      expect(answers).toMatchObject({
        requests: account.calls,
        tokens_in: account.in,
        tokens_out: account.out,
        estimated_usd: 0,
      });
      expect(pico(answers?.cost_usd)).toBe(account.cost);
    },
  );

  it("marks what broke as estimated, and charges nothing for what was throttled", async () => {
    const { groups, total } = await reportBy("kind");
    const of = (kind: string) => groups.find((group) => group["kind"] === kind);
    expect(of("failed")).toMatchObject({ requests: 18, cost_usd: 0 });
    expect(of("broken_stream")?.requests).toBe(12);
    expect(of("broken_stream")?.estimated_usd).toBe(of("broken_stream")?.cost_usd);
    expect(of("broken_stream")?.cost_usd).toBeGreaterThan(0);
    expect(pico(total.estimated_usd)).toBe(
      groups.reduce((sum, { estimated_usd: usd }) => sum + pico(usd), 0),
    );
  });

  it("charges an instance's calls for their time, over the calls that it bears", async () => {
    const { groups } = await reportBy("backend");
    const own = groups.find(({ backend }) => backend === "container");
    const busyMs = records
      .flatMap(({ attempts }) => attempts)
      .filter(({ backend }) => backend === "container")
      .reduce((sum, { ms }) => sum + ms, 0);
    expect(busyMs).toBeGreaterThan(0);
    expect(own?.allocated_usd).toBe(own?.cost_usd);
    // 7.2 USD an hour are 2 micro-USD a millisecond, for four calls. The record rounds times to 10 µs.
    expect(own?.cost_usd).toBeCloseTo((busyMs * 2e-6) / 4, 7);
  });

  it.each(["tenant,route,backend", "tenant", "hour", "day,model,kind,key,namespace"])(
    "gives by %s what the records' own costs add up to, and every request",
    async (by) => {
      const { groups, total } = await reportBy(by);
      const sum = records.reduce((all, { cost_usd: usd }) => all + pico(usd), 0);
      expect(pico(total.cost_usd)).toBe(sum);
      expect(groups.reduce((all, { cost_usd: usd }) => all + pico(usd), 0)).toBe(sum);
      expect(total.requests).toBe(requests);
    },
  );

  it("tells tenants apart, and those who are none", async () => {
    const { groups } = await reportBy("tenant");
    const tenants = groups.map(({ tenant }) => tenant);
    expect(new Set(tenants)).toEqual(new Set(["acme", "umbra", null]));
    expect(tenants).toHaveLength(3);
  });

  it("tells what was saved against the baseline", async () => {
    const { total } = await reportBy("route");
    const compared = records.filter(({ baseline_cost_usd: usd }) => usd !== null);
    const saved = compared.reduce(
      (sum, { baseline_cost_usd: baseline, cost_usd: cost }) =>
        sum + pico(baseline ?? 0) - pico(cost),
      0,
    );
    expect(pico(total.saved_usd ?? 0)).toBe(saved);
    expect(saved).toBeGreaterThan(0);
  });

  it("prints a table by tenant, route and backend unless told otherwise", async () => {
    const { code, stdout, stderr } = await costs([], { SWITCHYARD_RECORD_DIR: join(home, "real") });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [header, , first] = stdout.split("\n");
    expect(header).toMatch(
      /^tenant +route +backend +requests +tokens in +tokens out +cost USD +estimated +saved$/,
    );
    expect(first).toMatch(/^(acme|umbra) +chat +(micro|lite) +\d+ /);
    expect(stdout).toMatch(/\ntotal +60 /);
  });
});

describe("switchyard costs, over a folder", () => {
  const folderOf = (name: string) => join(home, name);

  it("looks at the time that it is asked for, to the millisecond, and at no other", async () => {
    const at = (ts: string) => makeRecord({ ts, request_id: ts });
    await keep(folderOf("times"), [
      at("2027-03-04T00:00:00.000Z"),
      at("2027-03-04T23:59:59.999Z"),
      at("2027-03-05T00:00:00.000Z"),
    ]);
    const words = ["--records", folderOf("times"), "--by", "hour", "--format", "csv"];
    const { stdout } = await costs([...words, "--since", "2027-03-04", "--until", "2027-03-05"]);
    expect(
      stdout
        .trim()
        .split("\r\n")
        .map((row) => row.split(",", 2).join(" ")),
    ).toEqual(["hour requests", "2027-03-04T00:00Z 1", "2027-03-04T23:00Z 1"]);
  });

  it("reads lines that something else has written uncompressed", async () => {
    await keep(folderOf("packed"), [makeRecord()]);
    const [file = ""] = await Array.fromAsync(glob("**/*.gz", { cwd: folderOf("packed") }));
    const plain = join(folderOf("plain"), file.replace(".gz", ""));
    await mkdir(join(plain, ".."), { recursive: true });
    await writeFile(plain, gunzipSync(await readFile(join(folderOf("packed"), file))));
    const { stdout } = await costs([
      "--records",
      folderOf("plain"),
      "--since",
      "2027-01-01",
      "--until",
      "2028-01-01",
    ]);
    expect(stdout).toMatch(/\ntotal +1 /);
  });

  it("sums what routers print, where it is piped in", () => {
    const lines = [makeRecord(), makeRecord({ tenant: "other" })].map((each) =>
      JSON.stringify(each),
    );
    const flags = "--records - --by tenant --format csv --since 2027-03-04 --until 2027-03-05";
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["src/cli/main.ts", "costs", ...flags.split(" ")],
      { input: `${lines.join("\n")}\nStarting\n`, encoding: "utf8", timeout: 60_000 },
    );
    expect(status).toBe(0);
    expect(
      stdout
        .trim()
        .split("\r\n")
        .slice(1)
        .map((row) => row.split(",", 2).join(" ")),
    ).toEqual(["checkout 1", "other 1"]);
    expect(stderr).toBe("Left out: standard input, line 3: The line is not JSON\n");
  });

  it("leaves out what is no record, and says which lines", async () => {
    const place = join(folderOf("torn"), "date=2027-03-04/namespace=shop/route=r");
    await mkdir(place, { recursive: true });
    const line = JSON.stringify(makeRecord());
    await writeFile(join(place, "05-a.ndjson"), `${line}\n{"half":\n${line}\n`);
    const { code, stdout, stderr } = await costs([
      "--records",
      folderOf("torn"),
      "--since",
      "2027-03-04",
      "--until",
      "2027-03-05",
      "--format",
      "json",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ total: { requests: 2 }, unread: 1 });
    expect(stderr).toMatch(/^Left out: .*05-a\.ndjson, line 2: The line is not JSON\n$/);
  });

  it("says why there is nothing: no records yet, or none of that time", async () => {
    await mkdir(folderOf("empty"));
    expect(await costs(["--records", folderOf("empty")])).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringMatching(/empty holds no records yet\n$/) as string,
    });
    await keep(folderOf("old"), [makeRecord(), makeRecord({ ts: "2027-03-09T00:00:00.000Z" })]);
    const { stderr } = await costs([
      "--records",
      folderOf("old"),
      "--since",
      "2026-01-01",
      "--until",
      "2026-02-01",
    ]);
    expect(stderr).toMatch(
      /No request from 2026-01-01.* to 2026-02-01.* records of 2027-03-04 to 2027-03-09: choose another --since/,
    );
  });

  it.each<[string, string[], RegExp]>([
    [
      "a folder that is missing",
      ["--records", "/nowhere/at/all"],
      /There are no records: \/nowhere\/at\/all does not exist\. npm start/,
    ],
    ["a file for a folder", ["--records", "package.json"], /package\.json is no folder/],
    [
      "a key that nothing has",
      ["--by", "tenant,colour"],
      /--by knows tenant, route, backend, .*, not "colour"/,
    ],
    ["a key twice", ["--by", "day,day"], /--by names a key twice/],
    ["a time that is none", ["--since", "yesterday"], /--since must be so long ago, such as 90m/],
    [
      "an end before the beginning",
      ["--since", "1h", "--until", "2h"],
      /--since \(.*\) must be before --until/,
    ],
    [
      "a format that it cannot write",
      ["--format", "xml"],
      /--format must be table, json, csv, not "xml"/,
    ],
    ["a word that nobody explains", ["today"], /"today" is not understood here/],
    ["a flag that it has not", ["--bye"], /--help lists what there is/],
  ])("refuses %s", async (_what, words, message) => {
    const { code, stdout, stderr } = await costs(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
