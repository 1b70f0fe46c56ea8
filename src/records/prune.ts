import { findFiles, type Stream } from "./find-files.ts";
import type { RecordStore } from "./record-store.ts";

const hourMs = 3_600_000;
/** Removed together: memory stays small, and what fails has done the rest. */
const atOnce = 1_000;

export const recordStreams = ["request", "safety", "label"] as const satisfies readonly Stream[];

/**
 * Removes the files of hours that had ended by a time.
 *
 * @param onRemoved told of each, after it is gone, or with `dryRun` in place of removing it
 * @throws Error where the store fails
 */
export async function pruneRecords(
  store: RecordStore,
  { before, streams, dryRun }: { before: Date; streams: readonly Stream[]; dryRun: boolean },
  onRemoved: (path: string) => void,
): Promise<void> {
  // An hour that began then, or later, ended after it.
  const until = new Date(before.getTime() - hourMs + 1);
  for (const stream of streams) {
    let batch: string[] = [];
    const removeBatch = async () => {
      if (!dryRun) await store.remove(batch);
      for (const path of batch) onRemoved(path);
      batch = [];
    };
    for await (const path of findFiles(store, stream, { until })) {
      batch.push(path);
      if (batch.length >= atOnce) await removeBatch();
    }
    if (batch.length > 0) await removeBatch();
  }
}
