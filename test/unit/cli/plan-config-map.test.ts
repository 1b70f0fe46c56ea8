import { expect, test } from "vitest";
import { planConfigMaps, planYaml, readPlanYaml } from "../../../src/cli/plan-config-map.ts";
import { planEntry } from "../../support/plan-entry.ts";

const group = { namespace: "models", routerClass: "fast" };
const plans = (count: number) =>
  Array.from({ length: count }, (_, tenant) => planEntry({ tenant: `tenant-${tenant}` }));

test("plans come back from the file as they went in", () => {
  const entries = [planEntry(), ...plans(3)];
  expect(readPlanYaml(planYaml(planConfigMaps(group, entries)))).toEqual({
    ok: true,
    value: entries,
  });
});

test("more plans than a ConfigMap holds go into several, none above 900 KiB and none lost", () => {
  const entries = plans(3_000);
  const maps = planConfigMaps(group, entries);
  expect(maps.map(({ metadata }) => metadata.name).slice(0, 2)).toEqual([
    "switchyard-fast-plans",
    "switchyard-fast-plans-2",
  ]);
  for (const { data } of maps) {
    expect(Buffer.byteLength(data["plans.json"] ?? "")).toBeLessThanOrEqual(901 * 1_024);
  }
  expect(readPlanYaml(planYaml(maps))).toEqual({ ok: true, value: entries });
});

test("no plans are a ConfigMap as well, which takes the place of older ones", () => {
  expect(planConfigMaps(group, [])).toHaveLength(1);
});

test.each([
  ["no YAML", "a: b: c", "it is not YAML"],
  ["another ConfigMap", "data: {}", 'it is no ConfigMap with data["plans.json"]'],
  ["another version", "data: { plans.json: '{\"version\":2}' }", "it has version 2"],
])("%s is refused in a sentence", (_, text, problem) => {
  expect(readPlanYaml(text)).toMatchObject({ ok: false });
  const read = readPlanYaml(text);
  expect(read.ok ? "" : read.error).toContain(problem);
});
