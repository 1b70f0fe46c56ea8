import type { Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  problemText,
  readManifests,
  repeatedManifests,
  type ConfigMapManifest,
  type Manifest,
} from "../api/index.ts";
import { fileStamp, listFiles } from "./list-files.ts";
import { UsageError } from "./usage-error.ts";

export interface FolderReading {
  manifests: Manifest[];
  configMaps: ConfigMapManifest[];
  /** Sentences with file and line. A file that they speak of counts as it was when it could last be read. */
  errors: string[];
  /** Likewise, of what changes nothing, such as a document that is none of ours. */
  warnings: string[];
  /** False where the folder could not be listed: all of it counts as it was before. */
  isListed: boolean;
}

type Told = Pick<FolderReading, "errors" | "warnings">;

type FileContent = Pick<FolderReading, "manifests" | "configMaps">;

/** How often a file is read again that was written to meanwhile. */
const maxReadings = 5;

/** Many times what thousands of routes need. */
const mostBytes = 16 * 1024 * 1024;

/** The YAML files of a folder and of the folders in it, with the last good state of each. */
export class ConfigFolder {
  readonly folder: string;
  readonly #lastGood = new Map<string, FileContent>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Reads everything anew. A file that does not parse, or has become empty, keeps what it held before,
   * and says so; likewise the folder, where it cannot be read at all. Never rejects.
   */
  async read(): Promise<FolderReading> {
    const told: Told = { errors: [], warnings: [] };
    let isListed = true;
    try {
      const names = await listFiles(this.folder);
      for (const name of names) await this.#readFile(name, told);
      for (const name of this.#lastGood.keys()) {
        if (!names.includes(name)) this.#lastGood.delete(name);
      }
    } catch (error) {
      isListed = false;
      told.errors.push(
        `${this.folder} cannot be read: ${messageOf(error)}. What it held before stays in force.`,
      );
    }
    const held = [...this.#lastGood].toSorted(byName).map(([, content]) => content);
    const manifests = held.flatMap((content) => content.manifests);
    const configMaps = held.flatMap((content) => content.configMaps);
    told.errors.push(...repeatedManifests([...manifests, ...configMaps]).map(problemText));
    return {
      manifests: withoutRepeated(manifests),
      configMaps: withoutRepeated(configMaps),
      ...told,
      isListed,
    };
  }

  async #readFile(name: string, { errors, warnings }: Told): Promise<void> {
    const before = this.#lastGood.get(name);
    const kept = before === undefined ? "" : " What the file held before stays in force.";
    try {
      const text = await readAtRest(join(this.folder, name));
      const { manifests, configMaps, problems } = readManifests(text, name);
      const wrong = problems.filter(({ severity }) => severity === "Error");
      errors.push(...wrong.map((problem) => `${problemText(problem)}${kept}`));
      warnings.push(...problems.filter(({ severity }) => severity === "Warning").map(problemText));
      if (wrong.length > 0) return;
      // Between an editor's truncating a file and writing it lies a moment in which it reads as empty.
      if (text !== "" || before === undefined || holdsNothing(before)) {
        this.#lastGood.set(name, { manifests, configMaps });
        return;
      }
      errors.push(`${name}: The file is empty: delete it, if it shall hold nothing.${kept}`);
    } catch (error) {
      errors.push(`${name}: ${messageOf(error)}.${kept}`);
    }
  }
}

const holdsNothing = ({ manifests, configMaps }: FileContent): boolean =>
  manifests.length + configMaps.length === 0;

/** Reading anything else, such as a pipe or a device, might never end. */
async function requireFile(path: string): Promise<Stats> {
  const found = await stat(path);
  if (!found.isFile()) throw new Error("It is neither a file nor a folder");
  return found;
}

/** A text that nobody was writing while it was read; after some tries, whatever there is. */
async function readAtRest(path: string): Promise<string> {
  const { size } = await requireFile(path);
  if (size > mostBytes) throw new Error(`It is larger than ${mostBytes} bytes`);
  for (let reading = 1; ; reading += 1) {
    const before = await fileStamp(path);
    const text = await readFile(path, "utf8");
    if (reading === maxReadings || before === (await fileStamp(path))) return text;
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const byName = ([left]: [string, unknown], [right]: [string, unknown]) => (left < right ? -1 : 1);

/** Of two manifests with one name the first is taken; the problem has been told. */
function withoutRepeated<Named extends Manifest | ConfigMapManifest>(
  manifests: readonly Named[],
): Named[] {
  const seen = new Set<string>();
  return manifests.filter(({ kind, metadata }) => {
    const key = `${kind}/${metadata.namespace ?? "default"}/${metadata.name}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
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
