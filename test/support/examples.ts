import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { lintTexts, problemText, readManifests } from "../../src/api/index.ts";
import { compile, groupsOf } from "../../src/compile/index.ts";
import { operatorConfig } from "../../src/operator/index.ts";

const root = resolve(import.meta.dirname, "../..");

export interface Example {
  /** A folder with a kustomization. */
  folder: string;
  /** The chart's values that go with it. */
  values: string;
  routes: readonly string[];
  /** Reasons of what compile has to say of it until the plan job has run; absent: nothing. */
  awaits?: readonly string[];
}

const team = ["assistant", "case-notes"];

/** What is there to be applied, as paths in the repository. */
export const examples: readonly Example[] = [
  {
    folder: "examples/kubernetes",
    values: "examples/kubernetes-values.yaml",
    routes: ["assistant"],
  },
  {
    folder: "examples/plans",
    values: "examples/plans/values.yaml",
    routes: ["assistant"],
    awaits: ["NotCertified"],
  },
  ...["try", "production"].map((name) => ({
    folder: `examples/team/overlays/${name}`,
    values: `examples/team/overlays/${name}/values.yaml`,
    routes: team,
  })),
];

export interface ExampleFile {
  file: string;
  text: string;
}

interface Kustomization {
  resources?: string[];
  images?: { name: string; newTag: string }[];
}

export const readKustomization = (folder: string): Kustomization =>
  parse(readFileSync(join(root, folder, "kustomization.yaml"), "utf8")) as Kustomization;

/** The files that a kustomization, and those that it names, consist of. */
export function filesOf(folder: string): ExampleFile[] {
  const { resources = [] } = readKustomization(folder);
  const below = resources.map((name) => join(folder, name));
  const files = below.filter((path) => path.endsWith(".yaml"));
  const folders = below.filter((path) => !path.endsWith(".yaml"));
  return [
    ...[join(folder, "kustomization.yaml"), ...files].map((file) => ({
      file,
      text: readFileSync(join(root, file), "utf8"),
    })),
    ...folders.flatMap(filesOf),
  ];
}

/**
 * What lint, and the class that its values make, have against an example; and the routes that it makes.
 *
 * @param awaits reasons that are to be found, and are nothing against it
 */
export function judge(
  files: readonly ExampleFile[],
  values: string,
  awaits: readonly string[] = [],
): { problems: string[]; routes: string[] } {
  const { classes } = parse(readFileSync(join(root, values), "utf8")) as { classes: object };
  // Which images they are is the chart's to say, and tried with it.
  const images = { image: "any", jobsImage: "any" };
  const settings = operatorConfig.parse({ ...images, classes }).classes["default"];
  if (settings === undefined) throw new Error(`${values} makes no class "default"`);
  const readings = files.map(({ file, text }) => readManifests(text, file));
  const manifests = readings.flatMap((each) => each.manifests);
  const configMaps = readings.flatMap((each) => each.configMaps);
  const compiled = groupsOf(manifests).map((group) =>
    compile({ group, manifests, configMaps, settings }),
  );
  const findings = compiled.flatMap((each) => each.findings);
  return {
    problems: [
      ...lintTexts(files).map(problemText),
      ...findings
        .filter(({ reason }) => !awaits.includes(reason))
        .map(({ reason, message }) => `${reason}: ${message}`),
      ...awaits
        .filter((awaited) => !findings.some(({ reason }) => reason === awaited))
        .map((awaited) => `${awaited} is not said`),
    ],
    routes: compiled.flatMap(({ table }) => Object.keys(table.routes)).toSorted(),
  };
}
