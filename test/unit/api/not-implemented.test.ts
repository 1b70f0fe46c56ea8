import { describe, expect, test } from "vitest";
import {
  lintTexts,
  notImplemented,
  notImplementedIn,
  parseResource,
  readManifests,
  type Kind,
  type NotImplementedField,
} from "../../../src/api/index.ts";
import { exampleFiles } from "./example-files.ts";

const specs: Record<Kind, string> = {
  ModelBackend:
    'type: Bedrock\n  bedrock: {modelId: m, region: eu-central-1}\n  pricing: {instanceHourly: "1"}\n  quality: {tier: Small}\n  contextWindow: 1000',
  ModelRoute: "models: [m]\n  baseline: {name: b}\n  candidates: [{backend: {name: b}}]",
  TenantPolicy: "dataClasses: []",
};

const textOf = (kind: Kind, extra: string): string =>
  `apiVersion: switchyard.dev/v1alpha1\nkind: ${kind}\nmetadata: {name: a}\nspec:\n  ${specs[kind]}\n  ${extra}\n`;

function fieldsIn(text: string): NotImplementedField[] {
  const [manifest] = readManifests(text, "f.yaml").manifests;
  const parsed = manifest === undefined ? undefined : parseResource(manifest);
  if (parsed?.ok !== true)
    throw new Error(`The text of the test is wrong: ${JSON.stringify(parsed)}`);
  return notImplementedIn(parsed.value);
}

/** The same route with a bound on the share of a candidate beside its baseline. */
const capped = (text: string): string =>
  text.replace("[{backend", "[{backend: {name: c}, maxSharePercent: 5}, {backend");

const cases: [Kind, string, string, "Refuse" | "Warn"][] = [
  ["ModelRoute", "arms: {controlPercent: 1}", "spec.arms.controlPercent", "Warn"],
  ["ModelRoute", "classifier: {type: ConfigMap, configMap: {name: a}}", "spec.classifier", "Warn"],
  ["ModelRoute", "drift: {}", "spec.drift", "Warn"],
  ["TenantPolicy", "plan: {enabled: true}", "spec.plan", "Warn"],
];

describe("a field that this release does not enforce", () => {
  test.each(cases)("%s with %s: %s, %s", (kind, extra, path, effect) => {
    expect(fieldsIn(textOf(kind, extra)).map((field) => [field.path, field.effect])).toEqual([
      [path, effect],
    ]);
  });

  test("is found in items of lists and in members of unions", () => {
    expect(fieldsIn(capped(textOf("ModelRoute", "")))).toMatchObject([
      { path: "spec.candidates[0].maxSharePercent", effect: "Refuse" },
    ]);
  });

  test.each<[Kind, string]>([
    ["ModelBackend", ""],
    ["ModelRoute", ""],
    ["ModelRoute", "safety: []"],
    ["ModelRoute", "arms: {}"],
    ["ModelRoute", "fallback: {retryBudgetPercent: 0, hedge: {}}"],
    ["TenantPolicy", "plan: {enabled: false}"],
    ["TenantPolicy", "enforcement: Observe"],
  ])("is not found where it changes nothing: %s with %j", (kind, extra) => {
    expect(fieldsIn(textOf(kind, extra))).toEqual([]);
  });

  test("stands in one of the example files, each of them", () => {
    const texts = exampleFiles("valid").map(({ name, text }) => ({ file: name, text }));
    const said = new Set(lintTexts(texts).map(({ message }) => message));
    const listed = Object.values(notImplemented).flat();
    expect(listed.filter(({ message }) => !said.has(message))).toEqual([]);
  });
});

describe("lintTexts", () => {
  test("makes an error of what is refused and a warning of the rest, each at its line", () => {
    const text = capped(textOf("ModelRoute", "drift: {}"));
    expect(
      lintTexts([{ file: "f.yaml", text }]).map(({ severity, line, path }) => [
        severity,
        line,
        path,
      ]),
    ).toEqual([
      ["Error", 7, "spec.candidates[0].maxSharePercent"],
      ["Warning", 8, "spec.drift"],
    ]);
  });

  test("names both places of a resource that stands twice", () => {
    const text = textOf("TenantPolicy", "");
    const files = [
      { file: "a.yaml", text: `# one\n${text}` },
      { file: "b.yaml", text },
      { file: "c.yaml", text: text.replace("name: a", "name: a, namespace: other") },
    ];
    expect(lintTexts(files)).toEqual([
      {
        severity: "Error",
        file: "b.yaml",
        line: 3,
        path: "metadata.name",
        message: "The TenantPolicy a stands in a.yaml, line 2 already: keep one of them.",
      },
    ]);
  });
});
