import type { EvidenceRange, EvidenceTally } from "./evidence.ts";
import type { LabelRecord } from "./label-record.ts";
import { type BrokenLine, readLabels, readRecords } from "./read-records.ts";
import type { RecordStore } from "./record-store.ts";
import type { RequestRecord } from "./request-record.ts";

export interface EvidenceOptions {
  /** Told of each line that is no record, and of a file that cannot be read on; reading goes on. */
  onBroken?: ((broken: BrokenLine) => void) | undefined;
}

type Input<Kept> = AsyncGenerator<Kept, void, void>;

export async function* requestsOf(
  store: RecordStore,
  { namespace, routerClass, since, until }: EvidenceRange,
  tally: EvidenceTally,
  { onBroken }: EvidenceOptions,
): Input<RequestRecord> {
  const wish = { namespace, since, until, onBroken: counting(tally, onBroken) };
  for await (const record of readRecords(store, wish)) {
    if (record.class === routerClass) yield record;
  }
}

/** A label is made after its request, and may come days later: all since the range began are asked for. */
export async function* labelsOf(
  store: RecordStore,
  { namespace, routerClass, since }: EvidenceRange,
  tally: EvidenceTally,
  { onBroken }: EvidenceOptions,
): Input<LabelRecord> {
  const wish = { namespace, since, onBroken: counting(tally, onBroken) };
  for await (const label of readLabels(store, wish)) {
    if (label.class !== routerClass) continue;
    tally.labels += 1;
    yield label;
  }
}

const counting =
  (tally: EvidenceTally, onBroken: EvidenceOptions["onBroken"]) =>
  (broken: BrokenLine): void => {
    tally.broken += 1;
    onBroken?.(broken);
  };
