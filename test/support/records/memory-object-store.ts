import { Readable } from "node:stream";
import type { ObjectStore } from "../../../src/records/index.ts";

type Put = ObjectStore["put"];

/** A bucket in memory, whose next puts may be made to fail or hang. */
export class MemoryObjectStore implements ObjectStore {
  readonly name = "s3://memory";
  readonly readAhead = 4;
  readonly objects = new Map<string, Buffer>();
  /** The paths of all puts, those that failed among them. */
  readonly asked: string[] = [];
  #trouble: Put | undefined;

  /** What each put does from now on, in place of keeping; nothing: it keeps again. */
  breakWith(trouble: Put | undefined): void {
    this.#trouble = trouble;
  }

  async put(path: string, body: Buffer, signal: AbortSignal): Promise<void> {
    this.asked.push(path);
    if (this.#trouble !== undefined) await this.#trouble(path, body, signal);
    this.objects.set(path, body);
  }

  async *list(prefix: string): AsyncGenerator<string, void, void> {
    for (const path of [...this.objects.keys()].toSorted()) if (path.startsWith(prefix)) yield path;
  }

  open(path: string): Promise<Readable> {
    return Promise.resolve(Readable.from([this.objects.get(path) ?? Buffer.alloc(0)]));
  }

  async remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) this.objects.delete(path);
  }

  close(): void {}
}

/** Never ends by itself, as a server that takes and does not answer. */
export const hanging: Put = (_path, _body, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("cut off")));
  });
