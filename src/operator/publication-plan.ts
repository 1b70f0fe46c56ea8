import { err, ok, type Result } from "../lib/index.ts";
import {
  entryKinds,
  packBucket,
  publicationNames,
  type EncodedTable,
  type EntryKind,
  type RoutingTable,
  type Slot,
  type TableError,
  type TablePointer,
} from "../table/index.ts";

export interface SlotWrite {
  /** Null: the slot is the model's. */
  bucket: number | null;
  slot: Slot;
  /** The ConfigMap's. */
  name: string;
  gzip: Uint8Array;
}

/** Slots first, in any order, then the pointer. */
export interface PublicationPlan {
  /** False: the table is published as it is, and there is nothing to write. */
  changed: boolean;
  slots: SlotWrite[];
  pointer: TablePointer;
}

/**
 * What is known of a pointer that lies in the cluster. A bucket whose digest is absent is written anew,
 * into the slot that is not named.
 */
export interface NamedSlots {
  buckets: readonly { digest?: string; slot?: Slot }[];
  model?: { digest?: string; slot?: Slot };
}

/**
 * How a table becomes the published one: each bucket that changed goes into the slot that the pointer
 * does not name, so that the old table stays whole until the pointer is switched. So does a model.
 *
 * @param model the gzip of the classifier model that the table names
 * @returns the plan, or the buckets that no slot can hold
 */
export function planPublication(
  previous: NamedSlots | undefined,
  { pointer, buckets }: EncodedTable,
  model?: Uint8Array,
): Result<PublicationPlan, TableError[]> {
  const names = publicationNames(pointer.group.routerClass);
  const slots: SlotWrite[] = [];
  const oversize: TableError[] = [];
  const placed = pointer.buckets.map(({ digest }, bucket) => {
    const before = previous?.buckets[bucket];
    if (before?.digest === digest && before.slot !== undefined)
      return { digest, slot: before.slot };
    const slot = otherSlot(before?.slot);
    const packed = packBucket(buckets[bucket] ?? new Uint8Array());
    if (packed.ok) slots.push({ bucket, slot, name: names.slot(bucket, slot), gzip: packed.value });
    else oversize.push({ ...packed.error, bucket });
    return { digest, slot };
  });
  if (oversize.length > 0) return err(oversize);
  const place = placeModel(previous, pointer, model);
  if (place?.write !== undefined) slots.push(place.write);
  const placedPointer = {
    ...pointer,
    buckets: placed,
    ...(place === undefined ? {} : { model: { digest: place.digest, slot: place.slot } }),
  };
  return ok({ changed: slots.length > 0, slots, pointer: placedPointer });
}

interface ModelPlace {
  digest: string;
  slot: Slot;
  /** Absent: it lies there already. */
  write?: SlotWrite;
}

function placeModel(
  previous: NamedSlots | undefined,
  { model: named, group }: TablePointer,
  gzip: Uint8Array | undefined,
): ModelPlace | undefined {
  if (named === undefined) return undefined;
  const { digest } = named;
  const before = previous?.model;
  if (before?.digest === digest && before.slot !== undefined) return { digest, slot: before.slot };
  if (gzip === undefined) throw new RangeError(`Nobody has the classifier model ${digest}`);
  const slot = otherSlot(before?.slot);
  const name = publicationNames(group.routerClass).model(slot);
  return { digest, slot, write: { bucket: null, slot, name, gzip } };
}

const otherSlot = (slot: Slot | undefined): Slot => (slot === "A" ? "B" : "A");

/** `routes/chat`: an entry of a table, of whatever kind. */
export const entryKey = (kind: EntryKind, name: string): string => `${kind}/${name}`;

/** The keys of the entries that one table has and the next has not. */
export function lostEntries(previous: RoutingTable | undefined, next: RoutingTable): string[] {
  if (previous === undefined) return [];
  return entryKinds.flatMap((kind) =>
    Object.keys(previous[kind])
      .filter((name) => !Object.hasOwn(next[kind], name))
      .map((name) => entryKey(kind, name)),
  );
}
