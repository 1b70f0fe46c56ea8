import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ConfigMapManifest } from "../../../src/api/index.ts";
import { LocalPlans } from "../../../src/cli/local-plans.ts";
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

function localPlans(replay?: (signal: AbortSignal) => Promise<void>): LocalPlans {
  return new LocalPlans({
    group: config.group,
    recordFolder: folder,
    file: file(),
    builtInClassifier: digest,
    table: () => table,
    publish: async (maps) => {
      published.push(maps.flatMap(plansOf));
    },
    ...(replay === undefined ? {} : { replay }),
    say: (line) => lines.push(line),
  });
}

function plansOf({ content }: ConfigMapManifest): readonly PlanEntry[] {
  const read = readPlanFile(content);
  if (!read.ok) throw new Error(read.error);
  return read.value.plans;
}

const keepRecords = (): Promise<void> =>
  keepGoldenRecords(folder, { prompts: 200, ts: new Date().toISOString(), digest });

test("a plan is certified once the golden sets have been asked, and followed at once", async () => {
  const plans = localPlans(keepRecords);
  await plans.start();
  await expect.poll(() => published.length).toBe(2);
  expect(published[0]?.[0]?.current).toBeNull();
  const [entry] = published[1] ?? [];
  expect(entry?.current?.certificate?.labels.golden).toBe(200);
  expect(entry?.next).toBeUndefined();
  await plans.stop();
  expect(lines.at(-1)).toMatch(/^Plan for assistant certified by 200 labels: saves \d+ %, until /);
});

test("the plans of the last start are there before anything is asked", async () => {
  await keepRecords();
  const first = localPlans();
  await first.start();
  await first.stop();
  const known = await readFile(file(), "utf8");
  published = [];
  const second = localPlans();
  await second.start();
  expect(published[0]?.[0]?.current?.certificate).toBeDefined();
  await second.stop();
  expect(JSON.stringify(published[0]?.[0]?.current)).toBe(
    JSON.stringify(published.at(-1)?.[0]?.current),
  );
  expect(known).toContain("switchyard.dev/holds: plans");
});

test("without golden answers, or with a spoilt file, the baseline serves and people are told why", async () => {
  await mkdir(join(folder, "plans"));
  await writeFile(file(), "no plans at all");
  const plans = localPlans(async () => {
    throw new Error("nobody answers");
  });
  await plans.start();
  await expect.poll(() => lines.length).toBe(3);
  await plans.stop();
  expect(lines).toContain("No plan for assistant: there are no labels");
  expect(lines).toContain("The golden sets were not asked: nobody answers");
});

test("stopping ends a replay that is under way", async () => {
  const plans = localPlans(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("stopped")));
      }),
  );
  await plans.start();
  await expect.poll(() => lines.some((line) => line.startsWith("Certifying"))).toBe(true);
  await plans.stop();
  expect(lines.some((line) => line.includes("were not asked"))).toBe(false);
});
