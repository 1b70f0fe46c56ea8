import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder of the test's own, removed when the test has ended. */
export async function makeFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "switchyard-folder-"));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await put(folder, name, text);
  return folder;
}

export async function put(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** As editors save that would rather not lose a file. */
export async function putByRename(folder: string, name: string, text: string): Promise<void> {
  await put(folder, `.${name}.new`, text);
  await rename(join(folder, `.${name}.new`), join(folder, name));
}

/**
 * As Kubernetes mounts a ConfigMap, or a newer version of it: the files lie in a folder named after the
 * time, `..data` leads there and is swapped by a rename, and what is seen are links through it.
 */
export async function mountConfigMap(
  folder: string,
  version: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) await put(folder, `..${version}/${name}`, text);
  await symlink(`..${version}`, join(folder, "..data_tmp"));
  await rename(join(folder, "..data_tmp"), join(folder, "..data"));
  for (const name of Object.keys(files)) {
    const [seen = name] = name.split("/");
    await symlink(join("..data", seen), join(folder, seen)).catch(() => undefined);
  }
}

export function routeText(name: string, backend = "nova"): string {
  return `apiVersion: switchyard.dev/v1alpha1
kind: ModelRoute
metadata:
  name: ${name}
spec:
  models: [${name}]
  candidates:
    - backend:
        name: ${backend}
`;
}
