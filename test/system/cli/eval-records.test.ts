import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directorySink } from "../../../src/records/index.ts";
import { makeLabel, makeRecord } from "../../support/observations.ts";

const folder = mkdtempSync(join(tmpdir(), "switchyard-eval-records-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const config = "examples/kubernetes";

beforeAll(async () => {
  const sink = directorySink(at("records"));
  for (let place = 0; place < 20; place += 1) {
    const request_id = `r${place}`;
    const ids = { namespace: "models", route: "assistant", request_id, tenant: null };
    sink.write(makeRecord({ ...ids, cost_usd: 0.0001, baseline_cost_usd: 0.0004 }));
    const judged = { ...ids, prompt_id: request_id, backend: "nova-lite", class: "default" };
    sink.write(makeLabel({ ...judged, label_id: `l${place}`, score: place < 15 ? 1 : 0 }));
  }
  await sink.close();
});

function evaluate(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["src/cli/main.ts", "eval", ...words],
    { encoding: "utf8", timeout: 60_000 },
  );
  return { status, stdout, stderr };
}

const range = ["--since", "2027-03-04", "--until", "2027-03-05"];

describe("switchyard eval of records", () => {
  it("tells what live traffic saved and how its answers were judged, by route and tenant", () => {
    const { status, stdout, stderr } = evaluate(
      "--records",
      at("records"),
      "--config",
      config,
      ...range,
      "--json",
      at("live.json"),
      "--html",
      at("live.html"),
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("| assistant |");
    const found = JSON.parse(readFileSync(at("live.json"), "utf8")) as { total: object };
    expect(found.total).toMatchObject({ requests: 20, labels: 20, correct: 0.75, saved: 0.75 });
    expect(readFileSync(at("live.html"), "utf8")).toContain("By route");
  });

  it("says so where nothing was recorded", () => {
    const words = ["--records", at("records"), "--config", config, "--since", "1h"];
    const { status, stderr } = evaluate(...words);
    expect(status).toBe(0);
    expect(stderr).toContain("choose another --since or --until");
  });

  it.each([
    ["two things to judge", ["--data", "x", "--records", "y"], "name one of them"],
    ["no routes", ["--records", "y"], "--config DIR"],
    ["no records", ["--records", "/nowhere", "--config", config], "There are no records"],
  ])("says what is wrong where there are %s", (_, words, said) => {
    const { status, stderr } = evaluate(...words);
    expect(status).toBe(2);
    expect(stderr).toContain(said);
  });
});
