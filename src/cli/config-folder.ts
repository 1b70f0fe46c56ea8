import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { problemText, readManifests, repeatedManifests, type Manifest } from "../api/index.ts";
import { UsageError } from "./usage-error.ts";

export interface FolderReading {
  manifests: Manifest[];
  /** Sentences with file and line. A file that they speak of counts as it was when it could last be read. */
  problems: string[];
}

const manifestName = /\.(ya?ml|json)$/;

/** The YAML files of a folder and of the folders in it, with the last good state of each. */
export class ConfigFolder {
  readonly folder: string;
  readonly #lastGood = new Map<string, Manifest[]>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Reads everything anew. A file that does not parse keeps what it held before, and says so. */
  async read(): Promise<FolderReading> {
    const names = await listFiles(this.folder);
    const problems: string[] = [];
    for (const name of names) problems.push(...(await this.#readFile(name)));
    for (const name of this.#lastGood.keys()) {
      if (!names.includes(name)) this.#lastGood.delete(name);
    }
    const manifests = [...this.#lastGood].toSorted(byName).flatMap(([, held]) => held);
    problems.push(...repeatedManifests(manifests).map(problemText));
    return { manifests: withoutRepeated(manifests), problems };
  }

  async #readFile(name: string): Promise<string[]> {
    try {
      const text = await readFile(join(this.folder, name), "utf8");
      const read = readManifests(text, name);
      if (read.problems.length === 0) {
        this.#lastGood.set(name, read.manifests);
        return [];
      }
      const kept = this.#lastGood.has(name) ? " What the file held before stays in force." : "";
      return read.problems.map((problem) => `${problemText(problem)}${kept}`);
    } catch (error) {
      return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
    }
  }
}

const byName = ([left]: [string, unknown], [right]: [string, unknown]) => (left < right ? -1 : 1);

/** Of two manifests with one name the first is taken; the problem has been told. */
function withoutRepeated(manifests: readonly Manifest[]): Manifest[] {
  const seen = new Set<string>();
  return manifests.filter(({ kind, metadata }) => {
    const key = `${kind}/${metadata.namespace ?? "default"}/${metadata.name}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

/** Hidden names are left out: editors keep their drafts there, and mounted ConfigMaps their older versions. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && manifestName.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !name.split("/").some((part) => part.startsWith(".")))
    .toSorted();
}

/** @throws UsageError where there is no such folder */
export async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) {
    throw new UsageError(`The folder ${folder} does not exist: give one with --config DIR`);
  }
  if (!found.isDirectory()) {
    throw new UsageError(
      `${folder} is not a folder: --config wants the folder that holds the YAML files`,
    );
  }
}

/** A stamp that changes with every edit: names, sizes and times of change. */
export async function stampOf(folder: string): Promise<string> {
  const names = await listFiles(folder);
  const stamps = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => undefined);
      return `${name}:${found?.size ?? -1}:${found?.mtimeMs ?? 0}:${found?.ino ?? 0}`;
    }),
  );
  return stamps.join("\n");
}
