import {
  encodeTable,
  packBucket,
  publicationNames,
  type EncodedTable,
  type RoutingTable,
  type TableError,
  type TablePointer,
} from "../table/index.ts";
import { pointerText, type ClusterPublication } from "./cluster-publication.ts";
import { PublicationHistory } from "./history.ts";
import { lostEntries, planPublication, type NamedSlots } from "./publication-plan.ts";
import { carryOut, readPublished, type PublicationStore } from "./publish.ts";
import type { WatchedConfigMap } from "./trim.ts";

export type PublicationOutcome =
  | { state: "Unchanged" }
  | { state: "Published"; digest: string; slots: number }
  /** The table would lose entries, and their definitions are not there: nobody deleted them one by one. */
  | { state: "Withheld" }
  | { state: "TooLarge"; buckets: readonly TableError[] };

/** A table with its bytes. */
export interface Publishable {
  table: RoutingTable;
  encoded: EncodedTable;
}

/** The published table of one group, as this operator knows it since it began to lead. */
export class PublishedGroup {
  readonly history = new PublicationHistory();
  readonly #store: PublicationStore;
  #isKnown = false;
  #named: NamedSlots | undefined;
  #pointer: TablePointer | undefined;
  #table: RoutingTable | undefined;
  #damage: string | undefined;

  constructor(store: PublicationStore) {
    this.#store = store;
  }

  /** The table that routers are told to serve; of a damaged one, what could be read. */
  get table(): RoutingTable | undefined {
    return this.#table;
  }

  /** Absent before the first publication, and where what lies in the cluster is no table. */
  get pointer(): TablePointer | undefined {
    return this.#pointer;
  }

  /**
   * Reads back what is published, unless it is known.
   *
   * @returns why what was found is no table, where it is none
   * @throws where it cannot be read: then nothing may be published
   */
  async open(routerClass: string): Promise<string | undefined> {
    if (this.#isKnown) return undefined;
    const found = await readPublished(routerClass, this.#store);
    this.#isKnown = true;
    this.#damage = undefined;
    if (found.state === "Published") {
      if (found.pointer.digest !== this.#pointer?.digest)
        this.history.add(found.pointer.digest, found.table, { before: this.#table });
      this.#table = found.table;
      this.#pointer = found.pointer;
      this.#named = found.pointer;
      return undefined;
    }
    this.#pointer = undefined;
    if (found.state === "Absent") {
      this.#named = undefined;
      return undefined;
    }
    // What was in memory before is the better source of forms that may be kept.
    this.#table ??= found.salvaged;
    this.#named = found.named;
    this.#damage = found.why;
    return found.why;
  }

  /**
   * Publishes a table, if it is not the published one. After a failure nothing is taken for known.
   *
   * @param mayLoseEntries asked before a table is published that lacks what the published one has
   */
  async publish(
    { table, encoded }: Publishable,
    mayLoseEntries: () => Promise<boolean>,
  ): Promise<PublicationOutcome> {
    const plan = planPublication(this.#named, encoded);
    if (!plan.ok) return { state: "TooLarge", buckets: plan.error };
    if (!plan.value.changed && this.#pointer !== undefined) return { state: "Unchanged" };
    const mayShrink = this.#damage !== undefined || lostEntries(this.#table, table).length > 0;
    if (mayShrink && !(await mayLoseEntries())) return { state: "Withheld" };
    // Should it fail, the pointer may or may not have been switched.
    this.#isKnown = false;
    await carryOut(plan.value, this.#store);
    this.#isKnown = true;
    this.#adopt(table, plan.value.pointer, new Set(plan.value.slots.map(({ bucket }) => bucket)));
    const { digest } = plan.value.pointer;
    return { state: "Published", digest, slots: plan.value.slots.length };
  }

  #adopt(table: RoutingTable, pointer: TablePointer, buckets: ReadonlySet<number>): void {
    this.history.add(pointer.digest, table, { before: this.#table, buckets });
    this.#table = table;
    this.#pointer = pointer;
    this.#named = pointer;
    this.#damage = undefined;
  }
}

interface Mending {
  pointer: TablePointer;
  table: RoutingTable;
  anchorUid: string;
  store: ClusterPublication;
  observed: (name: string) => WatchedConfigMap | undefined;
}

/**
 * Writes the pointer and the slots that it names again, where the cluster holds something else under
 * their names or another owner's. What the stores show is asked for before it is believed: they may
 * lag behind what was just written.
 *
 * @returns the names of what was written
 */
export async function mendPublication(mending: Mending): Promise<string[]> {
  const { pointer, anchorUid, store, observed } = mending;
  const names = publicationNames(pointer.group.routerClass);
  const mended: string[] = [];
  for (const [bucket, { digest, slot = "A" }] of pointer.buckets.entries()) {
    const name = names.slot(bucket, slot);
    const isSlot = (found: WatchedConfigMap) =>
      found.contentDigest === digest && isOwned(found, anchorUid);
    if (isAsWanted(observed(name), isSlot) || (await store.isSound(name, isSlot))) continue;
    const bytes = encodeTable(mending.table).buckets[bucket] ?? new Uint8Array();
    const packed = packBucket(bytes);
    if (!packed.ok) continue;
    await store.writeSlot({ bucket, slot, name, gzip: packed.value });
    mended.push(name);
  }
  const isPointer = (found: WatchedConfigMap) =>
    found.pointer === pointerText(pointer) && isOwned(found, anchorUid);
  if (isAsWanted(observed(names.pointer), isPointer)) return mended;
  if (await store.isSound(names.pointer, isPointer)) return mended;
  await store.writePointer(pointer);
  return [...mended, names.pointer];
}

const isAsWanted = (
  found: WatchedConfigMap | undefined,
  wanted: (found: WatchedConfigMap) => boolean,
): boolean => found !== undefined && wanted(found);

const isOwned = ({ metadata }: WatchedConfigMap, anchorUid: string): boolean =>
  metadata.deletionTimestamp === undefined &&
  metadata.ownerReferences?.some(({ uid }) => uid === anchorUid) === true;
