import { emptyTally, type EvidenceRange, type EvidenceSource } from "./evidence.ts";
import { type EvidenceOptions, labelsOf, requestsOf } from "./evidence-input.ts";
import { type JoinedLabel, rowOf, thin, withLabels } from "./evidence-row.ts";
import type { LabelRecord } from "./label-record.ts";
import type { RecordStore } from "./record-store.ts";

/** More labels than are held in memory. */
export class TooManyLabels extends Error {}

interface Latest extends JoinedLabel {
  request_id: string;
  ts: string;
}

export interface PlainOptions extends EvidenceOptions {
  /** They are all held at once, at some half a KiB each. */
  maxLabels?: number;
}

/**
 * Joins in memory, for where there is no DuckDB: the labels are held, the requests pass by.
 * It throws TooManyLabels while it reads where there are more of them than it may hold.
 */
export function plainEvidence(store: RecordStore, options: PlainOptions = {}): EvidenceSource {
  const { maxLabels = 500_000 } = options;
  return {
    evidence: async function* (range: EvidenceRange, tally = emptyTally()) {
      const before = tally.labels;
      const latest = await latestLabels(labelsOf(store, range, tally, options), maxLabels);
      tally.duplicateLabels += tally.labels - before - latest.size;
      const byRequest = Map.groupBy(latest.values(), ({ request_id: id }) => id);
      tally.orphanLabels += latest.size;
      const unseen = new Set(byRequest.keys());
      latest.clear();
      for await (const record of requestsOf(store, range, tally, options)) {
        const row = rowOf(record);
        const labels = byRequest.get(record.request_id) ?? [];
        if (row === null) continue;
        if (unseen.delete(record.request_id)) tally.orphanLabels -= labels.length;
        tally.rows += 1;
        yield withLabels(row, labels, tally);
      }
    },
  };
}

/** Of each label id the judgement that was made last. @throws TooManyLabels */
async function latestLabels(
  labels: AsyncIterable<LabelRecord>,
  most: number,
): Promise<Map<string, Latest>> {
  const latest = new Map<string, Latest>();
  for await (const label of labels) {
    const { label_id: id, request_id, ts } = label;
    const before = latest.get(id);
    if (before === undefined || ts >= before.ts) latest.set(id, { ...thin(label), request_id, ts });
    if (latest.size > most)
      throw new TooManyLabels(
        `There are more than ${most} labels: read a shorter range, or have DuckDB join them`,
      );
  }
  return latest;
}
