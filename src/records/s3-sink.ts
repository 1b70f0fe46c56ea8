import { setTimeout as sleep } from "node:timers/promises";
import { backoffDelay, type Clock, systemClock } from "../lib/index.ts";
import { boundedWait } from "./bounded-wait.ts";
import { ObjectBatch } from "./object-batch.ts";
import { folderName, partitionOf } from "./partition.ts";
import { recordLine } from "./record-line.ts";
import type { ObjectStore } from "./s3-store.ts";
import type { KeptRecord, RecordSink, ReportTrouble } from "./sink.ts";
import { TroubleReporter } from "./trouble-reporter.ts";
import { Turns } from "./turns.ts";
import { uniqueInstance } from "./unique-instance.ts";

export interface S3SinkOptions {
  /** Names this writer in its objects' names, and must be unique to this run. Unless told it is made of host, process and time. */
  instance?: string;
  /** How long a record may wait for others before its object is written. */
  flushIntervalMs?: number;
  /** Compressed bytes that make an object be written before its time. */
  flushBytes?: number;
  /** Text and compressed bytes that may wait, over all objects, before records are dropped. */
  maxWaitingBytes?: number;
  /** How often an object is tried before its records are dropped. */
  attempts?: number;
  /** The waits between these, in milliseconds. */
  backoff?: { baseMs: number; ceilingMs: number };
  /** The longest that closing waits for what is still to be written. */
  drainMs?: number;
  report?: ReportTrouble;
  clock?: Clock;
}

/** After an hour's end its requests may still be under way. */
const hourGraceMs = 10_000;
const uploadsAtOnce = 4;

/**
 * Compressed NDJSON by hour in a bucket, as `date=…/namespace=…/route=…/HH-INSTANCE-N.ndjson.gz`: one whole
 * object for each five minutes, or four compressed MiB, of a route. A store that is away costs memory up to a
 * bound and then records, never a request.
 */
export function s3Sink(store: ObjectStore, options: S3SinkOptions = {}): RecordSink {
  return new S3Sink(store, options);
}

class S3Sink implements RecordSink {
  readonly #store: ObjectStore;
  readonly #instance: string;
  readonly #limits: Required<Omit<S3SinkOptions, "instance" | "report" | "clock">>;
  readonly #clock: Clock;
  readonly #trouble: TroubleReporter;
  readonly #timer: NodeJS.Timeout;
  readonly #stopping = new AbortController();
  readonly #batches = new Map<string, ObjectBatch>();
  /** Text and compressed bytes that are not in the store yet. */
  #waiting = 0;
  #objects = 0;
  readonly #uploads = new Set<Promise<void>>();
  readonly #turns = new Turns(uploadsAtOnce);
  #closed = false;

  constructor(store: ObjectStore, options: S3SinkOptions) {
    this.#store = store;
    this.#instance = folderName(options.instance ?? uniqueInstance());
    this.#limits = {
      flushIntervalMs: options.flushIntervalMs ?? 300_000,
      flushBytes: options.flushBytes ?? 4 * 1024 * 1024,
      maxWaitingBytes: options.maxWaitingBytes ?? 32 * 1024 * 1024,
      attempts: options.attempts ?? 10,
      backoff: options.backoff ?? { baseMs: 1_000, ceilingMs: 60_000 },
      drainMs: options.drainMs ?? 10_000,
    };
    this.#clock = options.clock ?? systemClock;
    this.#trouble = new TroubleReporter(this.#clock, options.report ?? (() => {}));
    const lookEvery = Math.min(1_000, this.#limits.flushIntervalMs);
    this.#timer = setInterval(() => this.#sendDue(), lookEvery);
    this.#timer.unref();
  }

  write(record: KeptRecord): void {
    if (this.#closed) return this.#trouble.drop(1, "A record came after its sink was closed");
    const line = recordLine(record);
    if (this.#waiting + line.length > this.#limits.maxWaitingBytes) {
      return this.#trouble.drop(1, `${this.#store.name} is too slow for the records`);
    }
    const batch = this.#batchOf(record);
    batch.add(line);
    // What is being compressed counts when it is: the timer looks again.
    if (batch.bytes >= this.#limits.flushBytes) this.#send(batch);
  }

  dropped(): number {
    return this.#trouble.dropped;
  }

  async flush(): Promise<void> {
    for (const batch of this.#batches.values()) this.#send(batch);
    await boundedWait(Promise.all(this.#uploads), this.#limits.drainMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.flush();
    this.#stopping.abort();
    // What was cut off is still to be counted; nothing of it waits any more.
    await boundedWait(Promise.all(this.#uploads), 1_000);
    this.#trouble.finish();
    this.#store.close();
  }

  #batchOf(record: KeptRecord): ObjectBatch {
    const { folder, hour } = partitionOf(record);
    const partition = `${folder}/${hour}`;
    const found = this.#batches.get(partition);
    if (found !== undefined) return found;
    const batch = new ObjectBatch(partition, this.#clock.elapsed(), (change) => {
      this.#waiting += change;
    });
    this.#batches.set(partition, batch);
    return batch;
  }

  #sendDue(): void {
    const now = this.#clock.elapsed();
    const hour = new Date(this.#clock.now()).toISOString().slice(11, 13);
    const { flushIntervalMs } = this.#limits;
    for (const batch of this.#batches.values()) {
      const isOver = !batch.partition.endsWith(hour);
      const longest = isOver ? Math.min(hourGraceMs, flushIntervalMs) : flushIntervalMs;
      const isLarge = batch.bytes >= this.#limits.flushBytes;
      if (isLarge || now - batch.beganAt >= longest) this.#send(batch);
    }
  }

  #send(batch: ObjectBatch): void {
    this.#batches.delete(batch.partition);
    this.#objects += 1;
    const number = String(this.#objects).padStart(6, "0");
    const path = `${batch.partition}-${this.#instance}-${number}.ndjson.gz`;
    const upload = this.#turns
      .take(() => this.#upload(path, batch))
      .finally(() => this.#uploads.delete(upload));
    this.#uploads.add(upload);
  }

  async #upload(path: string, batch: ObjectBatch): Promise<void> {
    try {
      await this.#putPatiently(path, await batch.whole());
    } catch (error) {
      this.#trouble.drop(batch.records, `Records were given up: ${problemOf(error)}`);
    } finally {
      batch.release();
    }
  }

  /** @throws Error where it was tried as often as it may be, or the sink was closed */
  async #putPatiently(path: string, body: Buffer): Promise<void> {
    const { attempts, backoff } = this.#limits;
    const { signal } = this.#stopping;
    for (let attempt = 1; ; attempt += 1) {
      // One that has waited for its turn is cut off before it begins.
      signal.throwIfAborted();
      try {
        return await this.#store.put(path, body, signal);
      } catch (error) {
        if (attempt >= attempts || signal.aborted) throw error;
        // None is lost yet, but whoever can mend the trouble should hear of it before.
        this.#trouble.drop(0, `Writing records to ${this.#store.name} failed: ${problemOf(error)}`);
      }
      await sleep(backoffDelay(attempt - 1, backoff, Math.random()), undefined, { signal });
    }
  }
}

/** With the status, where a server said nothing more. */
function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { $metadata: answer } = error as { $metadata?: { httpStatusCode?: number } };
  const status = answer?.httpStatusCode === undefined ? "" : ` (HTTP ${answer.httpStatusCode})`;
  return `${error.name === "Error" ? "" : `${error.name}: `}${error.message}${status}`;
}
