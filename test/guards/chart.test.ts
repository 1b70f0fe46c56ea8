import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { operatorConfig } from "../../src/operator/index.ts";
import { crdTemplate } from "../../scripts/generate-chart.ts";
import { listValues } from "../../scripts/list-values.ts";
import { root } from "./planted-tree.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const values = read("charts/switchyard/values.yaml");
const { version } = JSON.parse(read("package.json")) as { version: string };

describe("a CRD as a template", () => {
  const definition = "# Made\nkind: X\nmetadata:\n  name: x\nspec:\n  text: in {{ braces }}\n";

  it("is the CRD with Helm's labels and a switch around it", () => {
    const lines = crdTemplate(definition).split("\n");
    expect(lines.slice(0, 5)).toEqual([
      "# Made",
      "{{- if .Values.crds.install }}",
      "kind: X",
      "metadata:",
      "  name: x",
    ]);
    expect(lines.slice(-5)).toEqual([
      "  {{- end }}",
      "spec:",
      '  text: in {{ "{{" }} braces }}',
      "{{- end }}",
      "",
    ]);
  });

  it("is made of nothing else", () => {
    expect(() => crdTemplate("kind: X\n")).toThrow("no generated CRD");
  });
});

describe("the list of values", () => {
  it("has each value that a comment explains, and maps that are explained as a whole", () => {
    const text =
      "# First.\na: 1\nb:\n  # Deep,\n  # on two lines.\n  c: [x]\n  # Whole.\n  d:\n    e: 1\nf: {}\n";
    expect(listValues(text)).toEqual([
      { path: "a", value: "1", meaning: "First." },
      { path: "b.c", value: '["x"]', meaning: "Deep, on two lines." },
      { path: "b.d", value: '{"e":1}', meaning: "Whole." },
      { path: "f", value: "{}", meaning: "" },
    ]);
  });
});

describe("the chart's values", () => {
  it("are explained, every one", () => {
    expect(listValues(values).filter(({ meaning }) => !/[.]$/.test(meaning))).toEqual([]);
  });

  it("give the class `default` what any class has by default", () => {
    const { classes } = parse(values) as { classes: object };
    const config = operatorConfig.parse({ image: "any", classes });
    expect(config.classes).toEqual(operatorConfig.parse({ image: "any" }).classes);
  });

  it("spell out every field of a class that has a default", () => {
    const { classes } = parse(values) as { classes: { default: object } };
    const known = operatorConfig.shape.classes.unwrap().valueType.shape;
    const missing = Object.keys(known).filter((name) => !(name in classes.default));
    expect(missing).toEqual(["tlsSecret", "serviceAccounts"]);
  });
});

describe("versions", () => {
  it("of the chart and of the image that README.md builds are the package's", () => {
    const { version: own, appVersion } = parse(read("charts/switchyard/Chart.yaml")) as {
      version: string;
      appVersion: string;
    };
    expect([own, appVersion]).toEqual([version, version]);
    const tags = [...read("README.md").matchAll(/switchyard:(\d[\d.]*)/g)].map(([, tag]) => tag);
    expect(new Set(tags)).toEqual(new Set([version]));
  });
});

describe("the chart's examples for GitOps", () => {
  const folder = "charts/switchyard/docs";
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => `${folder}/${name}`);

  it.each(files)("%s is YAML of objects", (file) => {
    for (const document of parseAllDocuments(read(file))) {
      expect(document.errors).toEqual([]);
      const isPatch = file.endsWith("argocd-cm.yaml");
      expect(document.toJS()).toMatchObject(
        isPatch ? { data: {} } : { apiVersion: expect.any(String), kind: expect.any(String) },
      );
    }
  });

  it("set values that the chart has", () => {
    const known = Object.keys(parse(values) as object);
    const [application] = parseAllDocuments(read(`${folder}/argocd/application.yaml`));
    const release = parseAllDocuments(read(`${folder}/flux/helm-release.yaml`)).at(-1);
    const given = [
      application?.getIn(["spec", "source", "helm", "valuesObject"]),
      release?.getIn(["spec", "values"]),
    ].map((map) => (map as { toJSON: () => object }).toJSON());
    expect(given.flatMap(Object.keys).filter((name) => !known.includes(name))).toEqual([]);
  });
});
