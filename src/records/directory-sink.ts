import { join } from "node:path";
import { type Clock, systemClock } from "../lib/index.ts";
import { appendMember } from "./append-member.ts";
import { boundedWait } from "./bounded-wait.ts";
import { folderName, partitionOf } from "./partition.ts";
import { recordLine } from "./record-line.ts";
import type { KeptRecord, RecordSink, ReportTrouble } from "./sink.ts";
import { TroubleReporter } from "./trouble-reporter.ts";
import { uniqueInstance } from "./unique-instance.ts";

export interface DirectorySinkOptions {
  /**
   * Names this writer in its files' names. It must be unique to this run: two writers of one file
   * would tear each other's members. Unless told it is made of host, process and time.
   */
  instance?: string;
  flushIntervalMs?: number;
  /** Text that makes a file's lines be written before their time. */
  flushBytes?: number;
  /** Text that may wait for the disk, over all files, before records are dropped. */
  maxWaitingBytes?: number;
  report?: ReportTrouble;
  clock?: Clock;
}

interface Batch {
  lines: string[];
  /** UTF-16 units, which for the records' ASCII are bytes. */
  size: number;
}

const drainLimitMs = 5_000;

/**
 * Compressed NDJSON by hour below `folder`, as `date=…/namespace=…/route=…/HH-INSTANCE.ndjson.gz`.
 * Each batch is a gzip member of its own, so that a crash costs at most the last interval, never the file.
 */
export function directorySink(folder: string, options: DirectorySinkOptions = {}): RecordSink {
  return new DirectorySink(folder, options);
}

class DirectorySink implements RecordSink {
  readonly #folder: string;
  readonly #instance: string;
  readonly #flushBytes: number;
  readonly #maxWaiting: number;
  readonly #trouble: TroubleReporter;
  readonly #timer: NodeJS.Timeout;
  #batches = new Map<string, Batch>();
  /** Text in batches and on its way to the disk. */
  #waiting = 0;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(folder: string, options: DirectorySinkOptions) {
    this.#folder = folder;
    this.#instance = folderName(options.instance ?? uniqueInstance());
    this.#flushBytes = options.flushBytes ?? 256 * 1024;
    this.#maxWaiting = options.maxWaitingBytes ?? 16 * 1024 * 1024;
    this.#trouble = new TroubleReporter(options.clock ?? systemClock, options.report ?? (() => {}));
    this.#timer = setInterval(() => this.#writeAll(), options.flushIntervalMs ?? 1_000);
    this.#timer.unref();
  }

  write(record: KeptRecord): void {
    if (this.#closed) return this.#trouble.drop(1, "A record came after its sink was closed");
    const line = recordLine(record);
    if (this.#waiting + line.length > this.#maxWaiting) {
      return this.#trouble.drop(1, "The disk is too slow for the records");
    }
    const file = this.#fileOf(record);
    const batch = this.#batches.get(file) ?? { lines: [], size: 0 };
    batch.lines.push(line);
    batch.size += line.length;
    this.#waiting += line.length;
    this.#batches.set(file, batch);
    if (batch.size >= this.#flushBytes) this.#writeOne(file, batch);
  }

  dropped(): number {
    return this.#trouble.dropped;
  }

  flush(): Promise<void> {
    this.#writeAll();
    return boundedWait(this.#writing, drainLimitMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.flush();
  }

  #fileOf(record: KeptRecord): string {
    const partition = partitionOf(record);
    return join(this.#folder, partition.folder, `${partition.hour}-${this.#instance}.ndjson.gz`);
  }

  #writeAll(): void {
    for (const [file, batch] of this.#batches) this.#writeOne(file, batch);
  }

  /** Writes follow one another, so that the members of a file keep the order of their records. */
  #writeOne(file: string, batch: Batch): void {
    this.#batches.delete(file);
    this.#writing = this.#writing.then(async () => {
      try {
        await appendMember(file, `${batch.lines.join("\n")}\n`);
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        this.#trouble.drop(batch.lines.length, `Writing records failed: ${problem}`);
      } finally {
        this.#waiting -= batch.size;
      }
    });
  }
}
