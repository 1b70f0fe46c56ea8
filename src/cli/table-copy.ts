import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzip, gzip } from "node:zlib";
import { promisify } from "node:util";
import type { TablePointer } from "../table/index.ts";

/** A whole table, as it is kept on the pod's own disk. */
export interface CopiedTable {
  pointer: TablePointer;
  buckets: Uint8Array[];
}

interface CopyFile {
  pointer: TablePointer;
  /** Base64, by index. */
  buckets: string[];
}

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** Far beyond any table: a file that grows larger when expanded is not one of ours. */
const expandedLimit = 512 * 1024 * 1024;

/** The last table that was loaded, so that a router that restarts while the API server is away has one. */
export class TableCopy {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined where there is none that can be read; whether it verifies is the loader's to say. */
  async read(): Promise<CopiedTable | undefined> {
    try {
      const packed = await readFile(this.#file());
      const text = (await expand(packed, { maxOutputLength: expandedLimit })).toString("utf8");
      const { pointer, buckets } = JSON.parse(text) as CopyFile;
      return { pointer, buckets: buckets.map((bucket) => Buffer.from(bucket, "base64")) };
    } catch {
      return undefined;
    }
  }

  /** Replaces the copy in one step: a crash leaves the old one or the new. */
  async write({ pointer, buckets }: CopiedTable): Promise<void> {
    const content: CopyFile = {
      pointer,
      buckets: buckets.map((bucket) => Buffer.from(bucket).toString("base64")),
    };
    await mkdir(this.#folder, { recursive: true });
    const draft = `${this.#file()}.new`;
    await writeFile(draft, await compress(JSON.stringify(content), { level: 1 }));
    await rename(draft, this.#file());
  }

  #file(): string {
    return join(this.#folder, "table.json.gz");
  }
}
