import {
  contentDigest,
  encodeTable,
  packBucket,
  publicationNames,
  type RoutingTable,
  type Slot,
  type TablePointer,
} from "../table/index.ts";
import { pointerText, type ClusterPublication } from "./cluster-publication.ts";
import type { PackedModel } from "./models.ts";
import type { WatchedConfigMap } from "./trim.ts";

interface Mending {
  pointer: TablePointer;
  table: RoutingTable;
  /** The classifier model that the pointer names. */
  model: PackedModel | undefined;
  anchorUid: string;
  store: ClusterPublication;
  observed: (name: string) => WatchedConfigMap | undefined;
}

/** What a slot is to hold, and whether what was found holds it. */
interface WantedSlot {
  bucket: number | null;
  slot: Slot;
  name: string;
  /** As the cluster was last seen to hold it (`WatchedConfigMap.contentDigest`). */
  contentDigest: string;
  gzip: () => Uint8Array | undefined;
}

/**
 * Writes the pointer and the slots that it names again, where the cluster holds something else under
 * their names or another owner's. What the stores show is asked for before it is believed: they may
 * lag behind what was just written.
 *
 * @returns the names of what was written
 */
export async function mendPublication(mending: Mending): Promise<string[]> {
  const { pointer, store } = mending;
  const mended: string[] = [];
  for (const wanted of wantedSlots(mending)) {
    const { bucket, slot, name } = wanted;
    const isSlot = (found: WatchedConfigMap) => found.contentDigest === wanted.contentDigest;
    if (await isAsWanted(name, isSlot, mending)) continue;
    const gzip = wanted.gzip();
    if (gzip === undefined) continue;
    await store.writeSlot({ bucket, slot, name, gzip });
    mended.push(name);
  }
  const { pointer: name } = publicationNames(pointer.group.routerClass);
  const isPointer = (found: WatchedConfigMap) => found.pointer === pointerText(pointer);
  if (await isAsWanted(name, isPointer, mending)) return mended;
  await store.writePointer(pointer);
  return [...mended, name];
}

function wantedSlots({ pointer, table, model }: Mending): WantedSlot[] {
  const names = publicationNames(pointer.group.routerClass);
  const wanted = pointer.buckets.map(({ digest, slot = "A" }, bucket): WantedSlot => ({
    bucket,
    slot,
    name: names.slot(bucket, slot),
    contentDigest: digest,
    gzip: () => gzipOf(encodeTable(table).buckets[bucket] ?? new Uint8Array()),
  }));
  const slot = pointer.model?.slot;
  if (slot === undefined || model?.digest !== pointer.model?.digest || model === undefined)
    return wanted;
  const { packed } = model;
  const name = names.model(slot);
  const ofModel = { bucket: null, slot, name, contentDigest: contentDigest(packed) };
  return [...wanted, { ...ofModel, gzip: () => packed }];
}

function gzipOf(bytes: Uint8Array): Uint8Array | undefined {
  const packed = packBucket(bytes);
  return packed.ok ? packed.value : undefined;
}

async function isAsWanted(
  name: string,
  isContent: (found: WatchedConfigMap) => boolean,
  { anchorUid, store, observed }: Mending,
): Promise<boolean> {
  const isWanted = (found: WatchedConfigMap) => isContent(found) && isOwned(found, anchorUid);
  const found = observed(name);
  return (found !== undefined && isWanted(found)) || (await store.isSound(name, isWanted));
}

const isOwned = ({ metadata }: WatchedConfigMap, anchorUid: string): boolean =>
  metadata.deletionTimestamp === undefined &&
  metadata.ownerReferences?.some(({ uid }) => uid === anchorUid) === true;
