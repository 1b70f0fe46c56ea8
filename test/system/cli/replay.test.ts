import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planConfigMaps, planYaml } from "../../../src/cli/plan-config-map.ts";
import { directorySink, type RequestRecord } from "../../../src/records/index.ts";
import { makeAttemptRecord, makeRecord } from "../../support/observations.ts";

const folder = mkdtempSync(join(tmpdir(), "switchyard-replay-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const judge = "a".repeat(64);

const tokens = { cache_read: 0, cache_write: 0, cache_write_1h: 0, reasoning: 0 };
const thousands = { ...tokens, in: 1_000, out: 1_000 };

/** By the prices of the example, for a thousand tokens each way. */
const usdAt = { "nova-micro": 0.000175, "nova-lite": 0.0003 } as const;

type Name = keyof typeof usdAt;

const estimate = (backend: Name, p: number): RequestRecord["estimates"][number] => ({
  backend,
  p_correct: p,
  cost_usd: usdAt[backend],
  expected_cost_usd: usdAt[backend],
  ttft_p95_ms: 500,
  total_p95_ms: 2_000,
  in_envelope: true,
  dropped: null,
});

/** As the example's policy chose: the cheap one where it is believed to keep 80 % of the other's 0.9. */
function record(place: number): RequestRecord {
  const p = place % 2 === 0 ? 0.8 : 0.7;
  const served: Name = p >= 0.72 ? "nova-micro" : "nova-lite";
  const cost_usd = usdAt[served];
  return makeRecord({
    namespace: "models",
    route: "assistant",
    tenant: null,
    classifier_digest: judge,
    request_id: `r${place}`,
    attempts: [makeAttemptRecord({ backend: served, tokens: thousands, cost_usd })],
    ledger: [
      {
        kind: "answer",
        backend: served,
        tokens: thousands,
        units: null,
        cost_usd,
        basis: "metered",
      },
    ],
    tokens: thousands,
    cost_usd,
    baseline_cost_usd: usdAt["nova-lite"],
    confidence: served === "nova-micro" ? p : 0.9,
    estimates: [estimate("nova-micro", p), estimate("nova-lite", 0.9)],
  });
}

beforeAll(async () => {
  const sink = directorySink(at("records"));
  for (let place = 0; place < 100; place += 1) sink.write(record(place));
  await sink.close();
  cpSync("examples/kubernetes", at("changed"), { recursive: true });
  const routes = readFileSync(at("changed/routes.yaml"), "utf8");
  writeFileSync(at("changed/routes.yaml"), routes.replace("floorPercent: 80", "floorPercent: 75"));
});

function replay(config: string, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      "src/cli/main.ts",
      "replay",
      "--records",
      at("records"),
      "--config",
      config,
      "--since",
      "2027-03-04",
      "--until",
      "2027-03-05",
      ...words,
    ],
    { encoding: "utf8", timeout: 60_000 },
  );
  return { status, stdout, stderr };
}

describe("switchyard replay", () => {
  it("of the policy that the records had changes nothing", () => {
    const { status, stdout, stderr } = replay("examples/kubernetes", "--json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { total } = JSON.parse(stdout) as { total: Record<"recorded" | "replayed", object> };
    expect(total).toMatchObject({ requests: 100, changed: 0 });
    expect(total.replayed).toEqual(total.recorded);
  });

  it("of a lower floor says what it would have cost and risked", () => {
    const { status, stdout, stderr } = replay(at("changed"));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe(expected);
  });

  it("tries plans that nobody has applied, edited by hand", () => {
    const plan = {
      digest: "0".repeat(64),
      lambda: 5_000,
      candidates: ["nova-micro", "nova-lite"].map((name) => ({ backend: name, handicap: 0 })),
      model: judge,
      certificate: null,
    };
    const group = { namespace: "models", routerClass: "default" };
    const maps = planConfigMaps(group, [{ route: "assistant", tenant: null, current: plan }]);
    writeFileSync(at("plans.yaml"), planYaml(maps));
    const { status, stdout, stderr } = replay(
      "examples/kubernetes",
      "--plans",
      at("plans.yaml"),
      "--json",
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { total } = JSON.parse(stdout) as { total: object };
    expect(total).toMatchObject({ changed: 50, reasons: { planned: 100 } });
  });

  it("says so where nothing was recorded then", () => {
    const { status, stderr } = replay(at("changed"), "--since", "1h", "--until", "1m");
    expect(status).toBe(0);
    expect(stderr).toContain("No request that could be replayed is recorded in");
  });

  it.each([
    ["no folder of a policy", [], "--config DIR"],
    ["no records", ["--config", "examples/kubernetes", "--records", "/nowhere"], "are no records"],
    [
      "a file of no plans",
      [
        "--config",
        "examples/kubernetes",
        "--records",
        "examples",
        "--plans",
        "examples/kubernetes/routes.yaml",
      ],
      "routes.yaml: ",
    ],
    ["a time that is none", ["--config", "examples/kubernetes", "--since", "noon"], "--since must"],
  ])("says what is wrong where there is %s", (_, words, said) => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ["src/cli/main.ts", "replay", ...words],
      { encoding: "utf8" },
    );
    expect(status).toBe(2);
    expect(stderr).toContain(said);
  });
});

const expected = `The recorded requests under the policy that they had, and under the one that was given

| route     | policy | requests | cost, USD | saved, % | expected kept, % | certified, % | by baseline, % | envelope missed, % | changed |
| --------- | ------ | -------- | --------- | -------- | ---------------- | ------------ | -------------- | ------------------ | ------- |
| assistant | then   | 100      | 0.023750  | 20.8     | 94.4 (93.4–95.5) | 0.0          | 50.0           | 0.0                |         |
|           | now    |          | 0.017500  | 41.7     | 83.3 (82.2–84.4) | 0.0          | 0.0            | 0.0                | 50      |
| all       | then   | 100      | 0.023750  | 20.8     | 94.4 (93.4–95.5) | 0.0          | 50.0           | 0.0                |         |
|           | now    |          | 0.017500  | 41.7     | 83.3 (82.2–84.4) | 0.0          | 0.0            | 0.0                | 50      |

Share of the requests by backend

| backend    | then, % | now, % |
| ---------- | ------- | ------ |
| nova-lite  | 50.0    | 0.0    |
| nova-micro | 50.0    | 100.0  |

Why each would be chosen now

| reason   | requests |
| -------- | -------- |
| cheapest | 100      |

What is kept is what was believed then, corrected by labels for 0.0 % of the requests: no model is asked, and what another classifier would say needs texts, which no record holds.
`;
