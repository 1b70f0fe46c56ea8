// `npm run manifests -- DIR [flags of helm template]`: the chart as plain manifests, a file for each object
// and a kustomization that names them all, for GitOps without Helm. DIR must be new, empty or written
// by this script before.
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments, stringify } from "yaml";
import { resolveBinaries } from "../test/support/kube/binaries.ts";

const chart = resolve(import.meta.dirname, "../charts/switchyard");
const defaultNamespace = "switchyard-system";
/** As Kubernetes reads it. */
const yaml = { version: "1.1" } as const;
const header = "# Made from charts/switchyard by: npm run manifests\n";

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
}

const namespaceManifest = (name: string): Manifest => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
});

/** The value of `--namespace NAME`, `--namespace=NAME` or `-n NAME`. */
function namespaceIn(flags: readonly string[]): string | undefined {
  for (const [index, flag] of flags.entries()) {
    if (flag === "--namespace" || flag === "-n") return flags[index + 1];
    if (flag.startsWith("--namespace=")) return flag.slice("--namespace=".length);
  }
  return undefined;
}

/** @throws Error with Helm's own words where it refuses */
async function render(flags: readonly string[]): Promise<Manifest[]> {
  const binaries = await resolveBinaries(["helm"]);
  if (!binaries.ok) throw new Error(binaries.error);
  const namespace = namespaceIn(flags);
  const given = namespace === undefined ? ["--namespace", defaultNamespace, ...flags] : flags;
  const call = promisify(execFile)(
    binaries.value.helm,
    ["template", "switchyard", chart, ...given],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const { stdout } = await call.catch((error: Error & { stderr?: string }) => {
    throw new Error((error.stderr ?? error.message).trim(), { cause: error });
  });
  const objects = parseAllDocuments(stdout, yaml)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
  return [namespaceManifest(namespace ?? defaultNamespace), ...objects];
}

const fileOf = ({ kind, metadata }: Manifest): string =>
  `${kind}-${metadata.name}.yaml`.toLowerCase();

/** @throws Error where the folder holds something that this script has not written */
async function clear(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const paths = (await readdir(folder)).map((name) => join(folder, name));
  for (const path of paths) {
    const text = path.endsWith(".yaml") ? await readFile(path, "utf8") : "";
    if (!text.startsWith(header)) throw new Error(`${path} was not made by this command`);
  }
  for (const path of paths) await rm(path);
}

/** @returns the files written, the kustomization last */
async function writeManifests(
  folder: string,
  manifests: readonly Manifest[],
): Promise<readonly string[]> {
  await clear(folder);
  const names = manifests.map(fileOf);
  const write = (name: string, value: unknown) =>
    writeFile(
      join(folder, name),
      header + stringify(value, { ...yaml, aliasDuplicateObjects: false }),
    );
  for (const [index, manifest] of manifests.entries()) {
    await write(names[index] ?? "", manifest);
  }
  await write("kustomization.yaml", {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: names,
  });
  return [...names, "kustomization.yaml"];
}

if (import.meta.main) {
  const [folder, ...flags] = process.argv.slice(2);
  if (folder === undefined || folder.startsWith("-")) {
    console.error("Say where to: npm run manifests -- DIR --set image.repository=…");
    process.exitCode = 2;
  } else {
    try {
      const written = await writeManifests(resolve(folder), await render(flags));
      console.log(`${written.length} files in ${folder}: kubectl apply --server-side -k ${folder}`);
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }
  }
}
