import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readManifests } from "../../../src/api/index.ts";
import type { GoldenReport } from "../../../src/cli/golden/golden-report.ts";
import { folderStore, readLabels, type LabelRecord } from "../../../src/records/index.ts";
import { readAbilityFile } from "../../../src/table/index.ts";
import { backendOf, models, routeOf } from "../../support/local-resources.ts";
import { startLocal, type Local } from "../../support/start-local.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";

const exam = "test/fixtures/local/golden-set.yaml";

let local: Local;
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "switchyard-golden-"));
  local = await startLocal({
    resources: [
      backendOf("micro"),
      backendOf("sonnet"),
      backendOf("haiku"),
      backendOf("titan"),
      routeOf("assistant", ["micro", "sonnet"], {
        selection: { type: "CheapestWithinEnvelope" },
        baseline: { name: "sonnet" },
        candidates: [
          { backend: { name: "micro" }, maxSharePercent: 10 },
          { backend: { name: "sonnet" } },
        ],
      }),
      routeOf("grader", ["haiku"]),
      routeOf("vectors", ["titan"], { type: "Embeddings" }),
    ],
  });
});

afterAll(async () => {
  await local.stop();
  await rm(scratch, { recursive: true });
});
afterEach(() => local.heal());

async function golden(...words: readonly string[]) {
  const records = await mkdtemp(join(scratch, "records-"));
  const flags = ["--url", local.adminUrl, "--records", records, ...words];
  const ended = await new SwitchyardProcess(["golden", ...flags]).ended();
  const labels: LabelRecord[] = await Array.fromAsync(readLabels(folderStore(records)));
  return { ...ended, labels, records };
}

async function setOf(text: string): Promise<string> {
  const file = join(scratch, `set-${Math.random().toString(36).slice(2)}.yaml`);
  await writeFile(file, text);
  return file;
}

function meanScore(labels: readonly LabelRecord[], of: string): number {
  const scores = labels.filter(({ backend }) => backend === of).map(({ score }) => score);
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

const reportIn = (stdout: string) => JSON.parse(stdout) as GoldenReport;

describe("switchyard golden", () => {
  it("has every candidate sit the exam, and leaves a label and a record of each answer", async () => {
    const { code, stdout, stderr, labels } = await golden(
      "--set",
      exam,
      "--route",
      "assistant",
      "--json",
      "--concurrency",
      "16",
    );
    expect([code, stderr]).toEqual([0, ""]);
    const report = reportIn(stdout);
    expect(report).toMatchObject({ set: "assistant-exam", route: "assistant", complete: true });
    const [micro, sonnet] = report.candidates;
    expect(micro).toMatchObject({ backend: "micro", asked: 300, judged: 300, problems: {} });
    expect(sonnet).toMatchObject({ backend: "sonnet", asked: 300, judged: 300, problems: {} });
    expect(micro!.correct!.upper).toBeLessThan(sonnet!.correct!.lower);
    expect(micro!.costUsd).toBeLessThan(sonnet!.costUsd);

    expect(labels).toHaveLength(600);
    expect(meanScore(labels, "micro")).toBeCloseTo(micro!.correct!.share, 9);
    const groups = Map.groupBy(labels, ({ prompt_id: id }) => id);
    expect(groups.size).toBe(300);
    expect([...groups.keys()][0]).toMatch(/^golden:assistant-exam\/[a-z]+-\d+@[0-9a-f]{12}$/);
    const byId = new Map(local.records.all.map((record) => [record.request_id, record]));
    for (const label of labels) {
      const record = byId.get(label.request_id);
      expect(label).toMatchObject({
        source: "golden",
        check: "numeric",
        tenant: null,
        judge: null,
      });
      expect(record).toMatchObject({
        arm: "golden",
        route: "assistant",
        tenant: null,
        attempts: [{ backend: label.backend }],
        classifier_digest: label.classifier_digest,
      });
      expect(label.heads).toHaveLength(13);
    }
  });

  it("leaves labels from which a backend is onboarded", async () => {
    const words = ["--set", exam, "--route", "assistant", "--candidates", "micro"];
    const { records } = await golden(...words, "--concurrency", "16");
    const out = join(scratch, "abilities.yaml");
    const flags = ["--config", local.folder, "--backend", "micro", "--labels", records];
    const ended = await new SwitchyardProcess(["onboard", ...flags, "--out", out]).ended();
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
    expect(ended.stdout).toContain("micro: 300 labels");
    const [map] = readManifests(await readFile(out, "utf8"), out).configMaps;
    const read = readAbilityFile(map?.content ?? "");
    if (!read.ok) throw new Error(read.error);
    expect(read.value.abilities).toMatchObject([{ backend: "micro", labels: 300 }]);
  });

  it("sees a model that has lost skill, and what it gets right it got right before", async () => {
    const words = ["--set", exam, "--route", "assistant", "--candidates", "sonnet"];
    const before = await golden(...words);
    local.simulator.faults.set({ model: models.sonnet, kind: "less-skill", skillDrop: 40 });
    const after = await golden(...words);
    expect(after.stdout).toMatch(/^\| sonnet +\|/m);
    const right = ({ labels }: { labels: readonly LabelRecord[] }) =>
      new Set(labels.filter(({ score }) => score === 1).map(({ prompt_id: id }) => id));
    expect(right(after).size).toBeLessThan(right(before).size - 60);
    expect(right(after).isSubsetOf(right(before))).toBe(true);
  });

  it("asks a judge where checks cannot tell, and counts what it costs", async () => {
    const set = await setOf(`version: 1
name: letters
judge: { route: grader }
items:
  - id: letter
    prompt: Write a letter to a friend
    checks: [{ judge: { rubric: It is friendly } }]
  - id: sum
    prompt: What is 2 + 2?
    checks: [{ numeric: { value: 5 } }, { judge: { rubric: It is friendly } }]
  - id: tool
    messages: [{ role: user, content: What is the weather in Oslo? }]
    tools: [{ type: function, function: { name: get_weather, parameters: { type: object, properties: { city: { type: string } }, required: [city] } } }]
    toolChoice: required
    checks: [{ jsonSchema: { schema: { type: array, items: { properties: { name: { const: get_weather }, arguments: { required: [city] } } } } } }]
`);
    const { code, stdout, labels } = await golden(
      "--set",
      set,
      "--route",
      "assistant",
      "--candidates",
      "sonnet",
      "--json",
    );
    expect(code).toBe(0);
    expect(reportIn(stdout).candidates[0]?.judgingUsd).toBeGreaterThan(0);
    const label = (id: string) =>
      labels.find((each) => each.prompt_id.startsWith(`golden:letters/${id}@`));
    expect(label("letter")).toMatchObject({ check: "judge", judge: "grader" });
    expect(label("letter")?.cost_usd).toBeGreaterThan(0);
    expect((label("letter")?.score ?? -1) * 10).toBeCloseTo(
      Math.round((label("letter")?.score ?? -1) * 10),
      9,
    );
    // What a check calls wrong no judge is asked about.
    expect(label("sum")).toMatchObject({ check: "numeric", score: 0, judge: null, cost_usd: 0 });
    expect(label("tool")).toMatchObject({ check: "json_schema", score: 1 });
  });

  it("ends with 1 where a candidate does not answer, and makes no label of it", async () => {
    local.simulator.faults.set({ model: models.micro, kind: "access-denied" });
    const set = await setOf(
      "version: 1\nname: one\nitems: [{ id: a, prompt: 'What is 2 + 2?', checks: [{ numeric: { value: 4 } }] }]",
    );
    const { code, stdout, labels } = await golden(
      "--set",
      set,
      "--route",
      "assistant",
      "--repeat",
      "2",
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/\| micro +\| – .*\| 0 of 2 .*api_error 2/);
    expect(stdout).toContain("Not every question was answered and judged.");
    expect(labels.map(({ backend }) => backend)).toEqual(["sonnet", "sonnet"]);
    expect(new Set(labels.map(({ label_id: id }) => id)).size).toBe(2);
  });

  it.each([
    ["no set", ["--route", "assistant"], "--set is missing"],
    ["no such file", ["--set", "nowhere.yaml", "--route", "a"], "no such file"],
    ["an unknown route", ["--set", exam, "--route", "nothing"], "there are assistant, grader"],
    ["embeddings", ["--set", exam, "--route", "vectors"], "no chat route"],
    [
      "a stranger",
      ["--set", exam, "--route", "assistant", "--candidates", "titan"],
      "no candidate",
    ],
    ["nobody there", ["--set", exam, "--route", "a", "--url", "http://127.0.0.1:1"], "--url"],
    ["a URL that is none", ["--set", exam, "--route", "a", "--url", "router"], "--url must be"],
    ["too many at once", ["--set", exam, "--route", "a", "--concurrency", "99"], "--concurrency"],
  ])("ends with 2 and a sentence for %s", async (_what, words, message) => {
    const { code, stderr } = await golden(...words);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it("ends with 2 and every problem of a set by its line", async () => {
    const set = await setOf(
      "version: 1\nname: a\nitems:\n  - { id: x, prompt: y, checks: [{ regex: { pattern: '(' } }] }\n",
    );
    const { code, stderr } = await golden("--set", set, "--route", "assistant");
    expect(code).toBe(2);
    expect(stderr).toMatch(/set-\w+\.yaml:4.*items\[0\]\.checks\[0\]\.regex.*RE2/s);
  });
});
