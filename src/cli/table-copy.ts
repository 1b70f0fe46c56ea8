import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzip, gzip } from "node:zlib";
import { promisify } from "node:util";
import { readPointer, type TablePointer } from "../table/index.ts";

/** A whole table, as it is kept on the pod's own disk. */
export interface CopiedTable {
  pointer: TablePointer;
  buckets: readonly Uint8Array[];
  /** The file of the classifier model that the pointer names. */
  model?: Uint8Array | undefined;
}

interface CopyFile {
  pointer: TablePointer;
  /** Base64, by index. */
  buckets: string[];
  model?: string;
}

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** Far beyond any table: a file that grows larger when expanded is not one of ours. */
const expandedLimit = 512 * 1024 * 1024;

/** The last table that was loaded, so that a router that restarts while the API server is away has one. */
export class TableCopy {
  readonly #folder: string;
  readonly #onTrouble: (error: unknown) => void;
  #next: CopiedTable | undefined;
  #writing: Promise<void> | undefined;

  /** @param onTrouble told of every copy that could not be written */
  constructor(folder: string, onTrouble: (error: unknown) => void) {
    this.#folder = folder;
    this.#onTrouble = onTrouble;
  }

  /** Undefined where there is none that can be read; whether its buckets verify is the loader's to say. */
  async read(): Promise<CopiedTable | undefined> {
    try {
      const packed = await readFile(this.#file());
      const text = (await expand(packed, { maxOutputLength: expandedLimit })).toString("utf8");
      const copy = JSON.parse(text) as CopyFile;
      const pointer = readPointer(copy.pointer);
      if (!pointer.ok) return undefined;
      const buckets = copy.buckets.map((bucket) => Buffer.from(bucket, "base64"));
      const model = copy.model === undefined ? undefined : Buffer.from(copy.model, "base64");
      return { pointer: pointer.value, buckets, model };
    } catch {
      return undefined;
    }
  }

  /** Writes the copy beside whatever else goes on: of tables that come while one is written, the last alone. */
  keep(table: CopiedTable): void {
    this.#next = table;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (let table = this.#take(); table !== undefined; table = this.#take()) {
      await this.#write(table).catch(this.#onTrouble);
    }
  }

  #take(): CopiedTable | undefined {
    const table = this.#next;
    this.#next = undefined;
    return table;
  }

  /** Replaces the copy in one step: a crash leaves the old one or the new. */
  async #write({ pointer, buckets, model }: CopiedTable): Promise<void> {
    const content: CopyFile = {
      pointer,
      buckets: buckets.map((bucket) => Buffer.from(bucket).toString("base64")),
      ...(model === undefined ? {} : { model: Buffer.from(model).toString("base64") }),
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
