import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const manifestName = /\.(ya?ml|json)$/;

/** Folders within folders that people keep; links that lead back to a folder above end here too. */
const deepest = 8;

/**
 * The YAML and JSON files of a folder and of the folders in it, as paths within it, sorted. Links are
 * followed, as mounted ConfigMaps consist of them. Hidden names are left out: editors keep their drafts
 * there, and mounted ConfigMaps their versions.
 *
 * @throws the file system's error where the folder itself cannot be read
 */
export async function listFiles(folder: string): Promise<string[]> {
  const names = await listBelow(folder, "", deepest);
  return names.toSorted();
}

async function listBelow(folder: string, within: string, depth: number): Promise<string[]> {
  const entries = await readdir(join(folder, within), { withFileTypes: true });
  const visible = entries.filter((entry) => !entry.name.startsWith("."));
  const lists = visible.map(async (entry) => {
    const path = join(within, entry.name);
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(join(folder, path))))) {
      // A folder may vanish while its neighbours are looked at.
      return depth > 0 ? listBelow(folder, path, depth - 1).catch(() => []) : [];
    }
    return manifestName.test(entry.name) ? [path] : [];
  });
  return (await Promise.all(lists)).flat();
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/** A stamp that changes with every edit: names, sizes and times of change. "" where the folder cannot be read. */
export async function stampOf(folder: string): Promise<string> {
  const names = await listFiles(folder).catch(() => []);
  const stamps = await Promise.all(
    names.map(async (name) => `${name}:${await fileStamp(join(folder, name))}`),
  );
  return stamps.join("\n");
}

/** Of one file, a link's of what it leads to; "" where there is none. */
export async function fileStamp(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? "" : `${found.size}:${found.mtimeMs}:${found.ino}`;
}
