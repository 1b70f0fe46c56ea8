import {
  bucketCount,
  contentDigest,
  decodeTable,
  publicationNames,
  readPointer,
  salvageTable,
  unpackBucket,
  type RoutingTable,
  type Slot,
  type TablePointer,
} from "../table/index.ts";
import { eachOf } from "./each-of.ts";
import { ModelReader, type PackedModel } from "./models.ts";
import type { NamedSlots, PublicationPlan, SlotWrite } from "./publication-plan.ts";

/** Where the tables of one group lie; a test's is a Map. */
export interface PublicationStore {
  /** The pointer as parsed JSON; undefined where there is none, or what is there is no JSON. */
  readPointer(): Promise<unknown>;
  /** The bytes of a slot, compressed; undefined where there are none. */
  readSlot(name: string): Promise<Uint8Array | undefined>;
  writeSlot(slot: SlotWrite): Promise<void>;
  writePointer(pointer: TablePointer): Promise<void>;
}

/** Enough to be quick, and few enough for an API server that others use too. */
const writesAtOnce = 8;

/**
 * Writes a plan. Cut off anywhere, it leaves the old pointer and every slot that it names: the pointer
 * goes last, once all slots are there.
 */
export async function carryOut(plan: PublicationPlan, store: PublicationStore): Promise<void> {
  if (!plan.changed) return;
  await eachOf(plan.slots, writesAtOnce, (slot) => store.writeSlot(slot));
  await store.writePointer(plan.pointer);
}

export type ReadBack =
  | { state: "Absent" }
  | {
      state: "Published";
      pointer: TablePointer;
      table: RoutingTable;
      /** The classifier model that the pointer names; undefined where it names none, or its slot is not sound. */
      model: PackedModel | undefined;
    }
  /** Something lies there that is no table. What of it is sound keeps invalid resources served. */
  | { state: "Unreadable"; why: string; named: NamedSlots; salvaged: RoutingTable | undefined };

/**
 * The table that lies in a cluster, verified as a router would verify it.
 *
 * @throws where anything cannot be read: then nothing is known, and nothing may be published
 */
export async function readPublished(
  routerClass: string,
  store: PublicationStore,
  models = new ModelReader(),
): Promise<ReadBack> {
  const value = await store.readPointer();
  if (value === undefined) return { state: "Absent" };
  const pointer = readPointer(value);
  if (!pointer.ok) {
    const named = slotsNamedIn(value);
    return { state: "Unreadable", why: pointer.error.message, named, salvaged: undefined };
  }
  const buckets = await readBuckets(pointer.value, routerClass, store);
  const table = decodeTable({ pointer: pointer.value, buckets });
  if (table.ok) {
    const model = await readModel(pointer.value, store, models);
    return { state: "Published", pointer: pointer.value, table: table.value, model };
  }
  return {
    state: "Unreadable",
    why: table.error.message,
    named: soundSlots(pointer.value, buckets),
    salvaged: salvageTable({ pointer: pointer.value, buckets }),
  };
}

async function readBuckets(
  pointer: TablePointer,
  routerClass: string,
  store: PublicationStore,
): Promise<(Uint8Array | undefined)[]> {
  const names = publicationNames(routerClass);
  const buckets: (Uint8Array | undefined)[] = [];
  await eachOf([...pointer.buckets.entries()], writesAtOnce, async ([bucket, { slot }]) => {
    const packed = slot === undefined ? undefined : await store.readSlot(names.slot(bucket, slot));
    const unpacked = packed === undefined ? undefined : unpackBucket(packed);
    buckets[bucket] = unpacked?.ok === true ? unpacked.value : undefined;
  });
  return Array.from({ length: bucketCount }, (_, bucket) => buckets[bucket]);
}

async function readModel(
  { group, model: named }: TablePointer,
  store: PublicationStore,
  models: ModelReader,
): Promise<PackedModel | undefined> {
  if (named?.slot === undefined) return undefined;
  const name = publicationNames(group.routerClass).model(named.slot);
  const packed = await store.readSlot(name);
  const model = packed === undefined ? undefined : models.inSlot(packed);
  return model?.ok === true && model.value.digest === named.digest ? model.value : undefined;
}

/** The pointer's buckets, without the digests of those whose slot holds something else. */
function soundSlots(
  pointer: TablePointer,
  buckets: readonly (Uint8Array | undefined)[],
): NamedSlots {
  return {
    buckets: pointer.buckets.map(({ digest, slot }, bucket) => {
      const bytes = buckets[bucket];
      const sound = bytes !== undefined && contentDigest(bytes) === digest;
      return { ...(sound ? { digest } : {}), ...(slot === undefined ? {} : { slot }) };
    }),
    // Of a table that is not whole its model is written anew, and beside what somebody may be reading.
    ...(pointer.model?.slot === undefined ? {} : { model: { slot: pointer.model.slot } }),
  };
}

/**
 * The slots that a pointer names which this release cannot read: another release's routers may, and
 * nothing that they may be reading is overwritten.
 */
function slotsNamedIn(value: unknown): NamedSlots {
  const { buckets, model } = (value ?? {}) as { buckets?: unknown; model?: { slot?: unknown } };
  const list: readonly unknown[] = Array.isArray(buckets) ? buckets : [];
  return {
    buckets: list.map((bucket) => {
      const { slot } = (bucket ?? {}) as { slot?: unknown };
      return isSlot(slot) ? { slot } : {};
    }),
    ...(isSlot(model?.slot) ? { model: { slot: model.slot } } : {}),
  };
}

const isSlot = (value: unknown): value is Slot => value === "A" || value === "B";
