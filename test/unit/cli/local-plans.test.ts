import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ConfigMapManifest } from "../../../src/api/index.ts";
import { KeptPlans } from "../../../src/cli/kept-plans.ts";
import { LocalPlans, type Replay } from "../../../src/cli/local-plans.ts";
import { openConfig } from "../../../src/cli/open-config.ts";
import { readEnvironment } from "../../../src/cli/environment.ts";
import { tableOfFolder } from "../../../src/cli/table-of-folder.ts";
import { readPlanFile, type PlanEntry } from "../../../src/table/index.ts";
import { keepGoldenRecords } from "../../support/golden-records.ts";

const digest = "a".repeat(64);
const config = await openConfig({ config: "test/fixtures/local" }, readEnvironment({}));
const table = tableOfFolder(config);

let folder = "";
let published: PlanEntry[][] = [];
let lines: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-local-plans-"));
  published = [];
  lines = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (): string => join(folder, "plans", "plans.yaml");

const kept = (): KeptPlans => new KeptPlans(config.group, file());

function localPlans(ask?: Replay["ask"]): LocalPlans {
  return new LocalPlans({
    recordFolder: folder,
    kept: kept(),
    builtInClassifier: digest,
    table: () => table,
    publish: async (maps) => {
      published.push(maps.flatMap(plansOf));
    },
    ...(ask === undefined ? {} : { replay: { routes: new Set(["assistant"]), ask } }),
    say: (line) => lines.push(line),
  });
}

function plansOf({ content }: ConfigMapManifest): readonly PlanEntry[] {
  const read = readPlanFile(content);
  if (!read.ok) throw new Error(read.error);
  return read.value.plans;
}

/** Making a plan is work, for which a busy machine takes its time. */
const patience = { timeout: 15_000 };

const keepRecords = (): Promise<void> =>
  keepGoldenRecords(folder, { prompts: 200, ts: new Date().toISOString(), digest });

test("nothing is told or published before the golden sets were asked, and the plan is followed at once", async () => {
  const plans = localPlans(async () => {
    expect([lines, published]).toEqual([[], []]);
    await keepRecords();
  });
  plans.start();
  await expect.poll(() => published.length, patience).toBe(1);
  const [entry] = published[0] ?? [];
  expect(entry?.current?.certificate?.labels.golden).toBe(200);
  expect(entry?.next).toBeUndefined();
  await plans.stop();
  expect(lines).toEqual([
    expect.stringMatching(/^Plan for assistant certified by 200 labels: saves \d+ %, until /),
  ]);
});

test("what was certified at the last start is kept, and asks for nothing", async () => {
  await keepRecords();
  const first = localPlans();
  first.start();
  await expect.poll(() => lines.length, patience).toBe(1);
  await first.stop();
  expect(await readFile(file(), "utf8")).toContain("switchyard.dev/holds: plans");
  const [known] = kept()
    .configMaps(await kept().read())
    .flatMap(plansOf);
  expect(known?.current?.certificate?.labels.golden).toBe(200);
  let asked = 0;
  const second = localPlans(async () => {
    asked += 1;
  });
  second.start();
  await expect.poll(() => published.length, patience).toBe(2);
  await second.stop();
  expect(asked).toBe(0);
  expect(published[1]?.[0]?.current).toEqual(known?.current);
});

test("without golden answers, or with a spoilt file, the baseline serves and people are told why", async () => {
  await mkdir(join(folder, "plans"));
  await writeFile(file(), "no plans at all");
  const plans = localPlans(async () => {
    throw new Error("nobody answers");
  });
  plans.start();
  await expect.poll(() => lines.length, patience).toBe(2);
  await plans.stop();
  expect(lines).toEqual([
    "The golden sets were not asked: nobody answers",
    "No plan for assistant: there are no labels",
  ]);
  expect(published.map(([entry]) => entry?.current)).toEqual([null]);
});

test("a route without a golden set asks nobody", async () => {
  const plans = localPlans();
  plans.start();
  await expect.poll(() => lines, patience).toEqual(["No plan for assistant: there are no labels"]);
  await plans.stop();
});

test("stopping ends a replay that is under way", async () => {
  let isAsking = false;
  const plans = localPlans(
    (_, signal) =>
      new Promise((_resolve, reject) => {
        isAsking = true;
        signal.addEventListener("abort", () => reject(new Error("stopped")));
      }),
  );
  plans.start();
  await expect.poll(() => isAsking, patience).toBe(true);
  await plans.stop();
  expect([lines, published]).toEqual([[], []]);
});
