import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadModel, shippedModel } from "../../../src/cli/model-store.ts";
import { readPlanYaml } from "../../../src/cli/plan-config-map.ts";
import { keepGoldenRecords } from "../../support/golden-records.ts";

const folder = mkdtempSync(join(tmpdir(), "switchyard-plan-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const config = "test/fixtures/local";
const { digest } = await loadModel(shippedModel);
const baseline = "claude-sonnet-eu";
const day = "2027-03-04";
const prompts = 200;

beforeAll(() => keepGoldenRecords(at("records"), { prompts, ts: `${day}T05:06:07.089Z`, digest }));

function switchyard(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["src/cli/main.ts", ...words], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

const plan = (...words: string[]) =>
  switchyard("plan", "--config", config, "--records", at("records"), ...words);

describe("switchyard plan", () => {
  const now = ["--now", `${day}T06:00:00Z`];

  it("certifies a plan from a golden set, and rolls it out in a later run", () => {
    const out = ["--out", at("plans.yaml")];
    const first = plan(...out, ...now);
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).toMatch(/\| assistant \| all +\| baseline, newer at 10 % \|/);
    const read = readPlanYaml(readFileSync(at("plans.yaml"), "utf8"));
    if (!read.ok) throw new Error(read.error);
    const [entry] = read.value;
    expect(entry?.next?.plan.certificate).toMatchObject({ baseline, labels: { golden: prompts } });
    expect(plan(...out, "--now", `${day}T06:30:00Z`).stdout).toContain("newer at 10 %");
    const done = plan(...out, "--now", "2027-03-06T07:00:00Z");
    expect(done.stdout).toMatch(/\| assistant \| all +\| pooled +\|/);
  });

  it("writes the same file when it is run again at the same time", () => {
    const out = ["--out", at("again.yaml")];
    plan(...out, ...now);
    const text = readFileSync(at("again.yaml"), "utf8");
    plan(...out, ...now);
    expect(readFileSync(at("again.yaml"), "utf8")).toBe(text);
  });

  it("prints a JSON line a plan for whatever keeps a job's output", () => {
    const { stdout } = plan("--out", at("lines.yaml"), "--json", ...now);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(lines[0]).toMatchObject({
      stream: "plan",
      namespace: "default",
      route: "assistant",
      rollout_percent: 10,
      labels: { golden: prompts },
    });
  });

  it.each([
    ["where to write", [], "--out must name the file"],
    ["a folder of records", ["--out", "-", "--records", "/nowhere"], "There are no records"],
    ["a time", ["--out", "-", "--now", "noon"], "--now must be"],
    ["one place", ["--out", "-", "--cluster"], "--cluster stands in place of"],
    [
      "the last plans",
      ["--out", "-", "--previous", "/nowhere"],
      "--previous: /nowhere cannot be read",
    ],
    [
      "plans in the file",
      ["--out", at("x"), "--previous", `${config}/routes.yaml`],
      "holds no plans",
    ],
  ])("says what is wrong without %s", (_, words, said) => {
    const { status, stderr } = plan(...words);
    expect(stderr).toContain(said);
    expect(status).toBe(2);
  });
});

describe("switchyard onboard", () => {
  const onboard = (...words: string[]) =>
    switchyard("onboard", "--config", config, "--labels", at("records"), ...words);

  it("fits a backend to its labels, and keeps the others of the file", () => {
    const out = ["--out", at("abilities.yaml")];
    const first = onboard("--backend", "nova-lite", ...out);
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).toContain(`nova-lite: ${prompts} labels`);
    onboard("--backend", "nova-micro", ...out);
    const text = readFileSync(at("abilities.yaml"), "utf8");
    expect(text).toContain("switchyard.dev/holds: abilities");
    expect(text).toMatch(/"backend":"nova-lite".*"backend":"nova-micro"/);
  });

  it("takes no labels from before a time", () => {
    const words = ["--backend", "nova-lite", "--since", "2027-03-05", "--out", at("none.yaml")];
    expect(onboard(...words)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("nova-lite has 0 labels"),
    });
  });

  it("takes no labels of another namespace's backend with the same name", async () => {
    await keepGoldenRecords(at("bank"), {
      prompts,
      ts: `${day}T05:06:07.089Z`,
      digest,
      namespace: "bank",
    });
    const words = ["--config", config, "--labels", at("bank"), "--backend", "nova-lite"];
    const { status, stderr } = switchyard("onboard", ...words, "--out", at("none.yaml"));
    expect([status, stderr]).toEqual([2, expect.stringContaining("nova-lite has 0 labels")]);
  });

  it("says so where the file cannot be written", () => {
    const { status, stderr } = onboard("--backend", "nova-lite", "--out", at("none/none.yaml"));
    expect([status, stderr]).toEqual([2, expect.stringContaining("none.yaml cannot be written")]);
  });

  it("refuses a file that is something else, and leaves it as it is", () => {
    const out = at("notes.yaml");
    writeFileSync(out, "a: [b");
    const { status, stderr } = onboard("--backend", "nova-lite", "--out", out);
    expect([status, stderr]).toEqual([2, expect.stringContaining("holds no abilities")]);
    expect(readFileSync(out, "utf8")).toBe("a: [b");
  });

  it("refuses a backend with too few labels, and says how many it takes", () => {
    const { status, stderr } = onboard("--backend", "llama-own", "--out", at("none.yaml"));
    expect(status).toBe(2);
    expect(stderr).toContain("llama-own has 0 labels: it takes 100 at least");
    expect(() => statSync(at("none.yaml"))).toThrow();
  });
});
