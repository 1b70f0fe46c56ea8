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

const cases: [Kind, string, string, "Refuse" | "Warn"][] = [
  ["ModelRoute", "drift: {}", "spec.drift", "Warn"],
];

describe("a field that this release does not enforce", () => {
  test.each(cases)("%s with %s: %s, %s", (kind, extra, path, effect) => {
    expect(fieldsIn(textOf(kind, extra)).map((field) => [field.path, field.effect])).toEqual([
      [path, effect],
    ]);
  });

  test.each<[Kind, string]>([
    ["ModelBackend", ""],
    ["ModelRoute", ""],
    ["ModelRoute", "safety: []"],
    ["ModelRoute", "arms: {controlPercent: 1}"],
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
  test("makes a warning of what is not enforced, at its line", () => {
    expect(lintTexts([{ file: "f.yaml", text: textOf("ModelRoute", "drift: {}") }])).toMatchObject([
      { severity: "Warning", line: 8, path: "spec.drift" },
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
