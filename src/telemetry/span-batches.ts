import { diag } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode, globalErrorHandler } from "@opentelemetry/core";
import type { RequestObservation } from "./observation.ts";
import type { Sampled } from "./request-spans.ts";
import { spokenOf } from "./span-content.ts";
import { SpanWriter } from "./span-writer.ts";

export interface SpanBatch {
  /** Members of a ScopeSpans message. */
  spans: Buffer;
  count: number;
}

export interface BatchLimits {
  /** Spans that may wait; more are dropped. */
  maxQueueSize: number;
  /** Spans that leave together; those of one request always do. */
  maxExportBatchSize: number;
  /** How long spans wait for others, in milliseconds. */
  scheduledDelayMillis: number;
  exportTimeoutMillis: number;
}

export interface SendBatches {
  export(batch: SpanBatch, done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
}

/**
 * The queue that spans wait in, as bytes: objects that outlive their request are moved about by the
 * garbage collector, and encoding hundreds of spans in one go would hold up everyone else. Batches leave
 * one after the other; a collector that is slow costs spans, never the router its memory.
 */
export class SpanBatches {
  readonly #limits: BatchLimits;
  readonly #sending: SendBatches;
  readonly #open = new SpanWriter();
  #closed: SpanBatch[] = [];
  #closedSpans = 0;
  #dropped = 0;
  #exporting = false;
  #shutDown = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: BatchLimits, sending: SendBatches) {
    this.#limits = limits;
    this.#sending = sending;
  }

  add(observation: RequestObservation, sampled: Sampled): void {
    if (this.#shutDown) return;
    const { maxQueueSize, maxExportBatchSize, scheduledDelayMillis } = this.#limits;
    const count = spanCount(observation);
    if (this.#closedSpans + this.#open.count + count > maxQueueSize) {
      this.#dropped += count;
      return;
    }
    this.#tellDropped();
    if (this.#open.count + count > maxExportBatchSize) this.#close();
    this.#open.write(observation, sampled);
    this.#timer ??= setTimeout(() => this.#close(), scheduledDelayMillis).unref();
  }

  /** Sends all that is left. Rejects where a batch could not be sent. */
  async shutdown(): Promise<void> {
    if (this.#shutDown) return;
    this.#close();
    this.#shutDown = true;
    const left = this.#closed;
    this.#closed = [];
    await Promise.all(left.map((batch) => this.#export(batch)));
    await this.#sending.shutdown();
  }

  /** Ends the batch that is being gathered, and sends it if it is its turn. */
  #close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { count } = this.#open;
    if (count === 0) return;
    this.#closed.push({ spans: this.#open.take(), count });
    this.#closedSpans += count;
    this.#exportNext();
  }

  #exportNext(): void {
    if (this.#exporting) return;
    const next = this.#closed.shift();
    if (next === undefined) return;
    this.#closedSpans -= next.count;
    this.#exporting = true;
    this.#export(next)
      .catch(globalErrorHandler)
      .finally(() => {
        this.#exporting = false;
        this.#exportNext();
      });
  }

  #export(batch: SpanBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error("Timeout"));
      const timer = setTimeout(late, this.#limits.exportTimeoutMillis);
      this.#sending.export(batch, ({ code, error }) => {
        clearTimeout(timer);
        if (code === ExportResultCode.SUCCESS) resolve();
        else reject(error ?? new Error("Spans could not be exported"));
      });
    });
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    diag.warn(`Dropped ${this.#dropped} spans because maxQueueSize reached`);
    this.#dropped = 0;
  }
}

function spanCount(observation: RequestObservation): number {
  const { original, routing, record } = observation;
  if (original !== null) return 1 + record.attempts.length;
  const others = spokenOf(observation).length;
  return others + (routing === null ? 1 : 2 + record.attempts.length);
}
