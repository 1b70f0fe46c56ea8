import { directorySink, type RecordSink, s3Sink, stdoutSink, teeSink } from "../records/index.ts";
import { emfLine, type Log } from "../telemetry/index.ts";
import type { Environment } from "./environment.ts";
import { requireRecordFolder } from "./record-folder.ts";
import { openBucket } from "./record-places.ts";

/**
 * Where a router's records go, as flag and environment say.
 *
 * @param folder of the flag
 * @throws UsageError where a folder or bucket cannot be what it is said to be
 */
export async function recordSinks(
  folder: string | undefined,
  environment: Environment,
  log: Log,
): Promise<RecordSink> {
  const report = (message: string, dropped: number) => log.error(message, { count: dropped });
  const chosen = folder ?? environment.SWITCHYARD_RECORD_DIR;
  const bucket = environment.SWITCHYARD_RECORD_S3;
  const dress = environment.SWITCHYARD_EMF ? { dress: emfLine } : {};
  const sinks =
    environment.SWITCHYARD_RECORDS === "stdout" ? [stdoutSink({ report, ...dress })] : [];
  if (chosen !== undefined)
    sinks.push(directorySink(await requireRecordFolder(chosen), { report }));
  if (bucket !== undefined) {
    const flushIntervalMs = environment.SWITCHYARD_RECORD_S3_FLUSH_MS;
    sinks.push(s3Sink(await openBucket(bucket, environment), { report, flushIntervalMs }));
  }
  return teeSink(...sinks);
}
