import { describe, expect, test } from "vitest";
import { readManifests } from "../../../src/api/index.ts";

/** A ConfigMap that is labelled, with members as flow YAML. */
const textOf = (holds: string, members: string, name = "held"): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {switchyard.dev/holds: ${holds}}}\n${members}\n`;

const read = (text: string) => readManifests(text, "f.yaml");

describe("a ConfigMap in a folder", () => {
  test.each([
    ["plans", 'data: {plans.json: "{}"}', "{}"],
    ["abilities", 'data: {abilities.json: "{}"}', "{}"],
    ["golden-set", 'data: {golden-set.yaml: "items: []"}', "items: []"],
    ["classifier", "binaryData:\n  model.gz: |\n    QUJD\n    REVG", "QUJDREVG"],
  ])("that holds %s is known by what it holds", (holds, members, content) => {
    const { configMaps, manifests, problems } = read(textOf(holds, members));
    expect(configMaps).toMatchObject([{ holds, content, metadata: { name: "held" } }]);
    expect(configMaps[0]?.problems).toBeUndefined();
    expect([manifests, problems]).toEqual([[], []]);
  });

  test("that is not labelled is somebody else's", () => {
    const text =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {app: b}}\ndata: {}\n";
    expect(read(text)).toEqual({ manifests: [], configMaps: [], problems: [] });
  });

  test("stands in a list as well as alone", () => {
    const held = JSON.parse(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"switchyard.dev/holds":"plans"}},"data":{"plans.json":"{}"}}',
    ) as object;
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: [held] });
    expect(read(list).configMaps.map(({ metadata }) => metadata.name)).toEqual(["a"]);
  });

  test.each([
    [
      "an unknown label",
      textOf("plan", "data: {}"),
      'metadata.labels["switchyard.dev/holds"]',
      "There is nothing of that kind: write one of plans, classifier, abilities, golden-set, drift.",
    ],
    [
      "another version",
      textOf("plans", "data: {}").replace("apiVersion: v1", "apiVersion: v2"),
      "apiVersion",
      "Write v1 for a ConfigMap.",
    ],
    ["no name that could be one", textOf("plans", "data: {}", "A_B"), "metadata.name", "A_B"],
  ])("with %s is an error at its line", (_, text, path, message) => {
    const { configMaps, problems } = read(text);
    expect(configMaps).toEqual([]);
    expect(problems).toMatchObject([{ severity: "Error", file: "f.yaml", path }]);
    expect(problems[0]?.message).toContain(message);
  });

  test.each([
    ["without what it should hold", "plans", "data: {plan.json: '{}'}", 'data["plans.json"]', 4],
    [
      "whose bytes are no base64",
      "classifier",
      "binaryData:\n  model.gz: no base64!",
      'binaryData["model.gz"]',
      5,
    ],
    [
      "whose base64 is cut",
      "classifier",
      "binaryData:\n  model.gz: QUJ",
      'binaryData["model.gz"]',
      5,
    ],
    ["whose data is no map", "plans", "data: text", 'data["plans.json"]', 4],
  ])("%s is known, and says what is wrong and where", (_, holds, members, path, line) => {
    const { configMaps, problems } = read(textOf(holds, members));
    expect(problems).toEqual([]);
    expect(configMaps).toMatchObject([{ content: "", problems: [{ path, line }] }]);
  });

  test("larger than Kubernetes takes is told so, in bytes", () => {
    const { configMaps } = read(textOf("plans", `data: {plans.json: "${"é".repeat(600_000)}"}`));
    expect(configMaps[0]?.problems?.[0]?.message).toBe(
      "The ConfigMap holds 1200010 bytes, and Kubernetes takes 1048576 at most: split it, or make it smaller.",
    );
  });
});
