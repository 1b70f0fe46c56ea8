import type { RecordSink } from "./sink.ts";

/** Writes every record to each of the sinks, in their order. */
export function teeSink(...sinks: readonly RecordSink[]): RecordSink {
  const each = async (act: (sink: RecordSink) => Promise<void>) => {
    await Promise.all(sinks.map(act));
  };
  return {
    write: (record) => {
      for (const sink of sinks) sink.write(record);
    },
    dropped: () => sinks.reduce((sum, sink) => sum + sink.dropped(), 0),
    flush: () => each((sink) => sink.flush()),
    close: () => each((sink) => sink.close()),
  };
}
