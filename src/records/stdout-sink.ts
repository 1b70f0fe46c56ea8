import type { Writable } from "node:stream";
import { type Clock, systemClock } from "../lib/index.ts";
import { boundedWait } from "./bounded-wait.ts";
import { recordLine } from "./record-line.ts";
import type { KeptRecord, RecordSink, ReportTrouble } from "./sink.ts";
import { TroubleReporter } from "./trouble-reporter.ts";

export interface StdoutSinkOptions {
  /** Where lines go; standard output unless told. The sink does not end it. */
  output?: Writable;
  /** Bytes that may wait for a slow reader before records are dropped. */
  maxWaitingBytes?: number;
  /** What is printed in place of a record's line, made of both; no line feed in it. */
  dress?: (record: KeptRecord, line: string) => string;
  report?: ReportTrouble;
  clock?: Clock;
}

const drainLimitMs = 5_000;
const asItIs = (_record: KeptRecord, line: string): string => line;

/**
 * One JSON line a record. The lines of one turn of the event loop are written together: a system
 * call for every record costs more than the record.
 */
export function stdoutSink(options: StdoutSinkOptions = {}): RecordSink {
  const output: Writable = options.output ?? process.stdout;
  const dress = options.dress ?? asItIs;
  const maxWaitingBytes = options.maxWaitingBytes ?? 16 * 1024 * 1024;
  const trouble = new TroubleReporter(options.clock ?? systemClock, options.report ?? (() => {}));
  let waiting = "";
  let waitingRecords = 0;
  let scheduled = false;
  let closed = false;

  // Without a listener the error of a reader that went away (EPIPE) would end the process.
  const onError = (error: Error) => trouble.drop(0, `Writing records failed: ${error.message}`);
  output.on("error", onError);

  const writeWaiting = (done?: () => void) => {
    scheduled = false;
    if (waiting === "" && !done) return;
    const text = waiting;
    const count = waitingRecords;
    waiting = "";
    waitingRecords = 0;
    output.write(text, (error) => {
      if (error) trouble.drop(count, `Writing records failed: ${error.message}`);
      done?.();
    });
  };

  const drain = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    writeWaiting(resolve);
    return boundedWait(promise, drainLimitMs);
  };

  return {
    write: (record) => {
      if (closed) return trouble.drop(1, "A record came after its sink was closed");
      if (output.writableLength + waiting.length > maxWaitingBytes) {
        return trouble.drop(1, "The reader of the records is too slow");
      }
      waiting += `${dress(record, recordLine(record))}\n`;
      waitingRecords += 1;
      if (scheduled) return;
      scheduled = true;
      setImmediate(() => writeWaiting());
    },
    dropped: () => trouble.dropped,
    flush: drain,
    close: async () => {
      closed = true;
      await drain();
      output.off("error", onError);
    },
  };
}
