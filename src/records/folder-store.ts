import { createReadStream } from "node:fs";
import { open, readdir, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MissingFile, type RecordStore } from "./record-store.ts";

/** The folder that a directory sink writes to. A missing one holds nothing. */
export function folderStore(folder: string): RecordStore {
  return {
    name: folder,
    readAhead: 1,
    list: (prefix) => {
      const cut = prefix.lastIndexOf("/") + 1;
      return filesBelow(folder, prefix.slice(0, cut), prefix.slice(cut));
    },
    open: async (path) => {
      const file = await open(join(folder, path)).catch((error: Error) => {
        throw new MissingFile(error.message);
      });
      // By its number, so that an error of opening has been told here and not in the stream.
      return createReadStream("", { fd: file });
    },
    remove: async (paths) => {
      for (const path of paths) {
        await rm(join(folder, path), { force: true });
        await removeEmptyFolders(folder, path);
      }
    },
    close: () => {},
  };
}

async function* filesBelow(
  folder: string,
  within: string,
  beginning: string,
): AsyncGenerator<string, void, void> {
  const entries = await readdir(join(folder, within), { withFileTypes: true }).catch(noFolder);
  const wanted = entries.filter(({ name }) => name.startsWith(beginning));
  for (const entry of wanted.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = `${within}${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(folder, `${path}/`, "");
    else yield path;
  }
}

function noFolder(error: NodeJS.ErrnoException): [] {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
  throw error;
}

/** Of a partition whose last file went; one that a sink writes to again, it makes again. */
async function removeEmptyFolders(folder: string, path: string): Promise<void> {
  for (let place = dirname(path); place !== "."; place = dirname(place)) {
    const gone = await rmdir(join(folder, place)).then(
      () => true,
      () => false,
    );
    if (!gone) return;
  }
}
