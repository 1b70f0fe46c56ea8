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

describe("a field that this release does not enforce", () => {
  test.each<[Kind, string]>([
    ["ModelBackend", ""],
    ["ModelRoute", ""],
    ["ModelRoute", "safety: []"],
    ["ModelRoute", "drift: {}"],
    ["ModelRoute", "arms: {controlPercent: 1}"],
    ["ModelRoute", "fallback: {retryBudgetPercent: 0, hedge: {}}"],
    ["TenantPolicy", "plan: {enabled: false}"],
    ["TenantPolicy", "enforcement: Observe"],
  ])("is none of these: %s with %j", (kind, extra) => {
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
