import { getObject, resourceTypes, type Connection, type KubeObject } from "../kube/index.ts";
import {
  contentDigest,
  publicationKeys,
  publicationNames,
  unpackBucket,
  type TablePointer,
} from "../table/index.ts";
import type { Group } from "./folder-tables.ts";

type Slot = KubeObject & { binaryData?: Readonly<Record<string, string>> };

/** The bytes of the buckets that a pointer names. Those that were had before are not asked for again. */
export class TableSlots {
  readonly #connection: Connection;
  readonly #group: Group;
  readonly #names: ReturnType<typeof publicationNames>;
  /** By digest, which was verified; equal buckets are one. */
  readonly #atHand = new Map<string, Uint8Array>();

  constructor(connection: Connection, group: Group) {
    this.#connection = connection;
    this.#group = group;
    this.#names = publicationNames(group.routerClass);
  }

  /**
   * @returns by index, unverified; undefined where a slot holds no bucket
   * @throws KubeError, and Error for a slot that cannot be unpacked
   */
  async fetch({ buckets }: TablePointer): Promise<(Uint8Array | undefined)[]> {
    const fetched = await Promise.allSettled(
      buckets.map(
        async ({ digest, slot = "A" }, index) =>
          this.#atHand.get(digest) ?? this.#get(this.#names.slot(index, slot), digest),
      ),
    );
    return fetched.map((each) => {
      if (each.status === "rejected") throw each.reason;
      return each.value;
    });
  }

  /** Takes over the buckets of a table that was verified, and drops all others. */
  keep({ pointer, buckets }: { pointer: TablePointer; buckets: readonly Uint8Array[] }): void {
    this.#atHand.clear();
    for (const [index, { digest }] of pointer.buckets.entries()) {
      const bytes = buckets[index];
      if (bytes !== undefined) this.#atHand.set(digest, bytes);
    }
  }

  async #get(name: string, digest: string): Promise<Uint8Array | undefined> {
    const where = { namespace: this.#group.namespace, name };
    const slot = await getObject<Slot>(this.#connection, resourceTypes.ConfigMap, where);
    const packed = slot.binaryData?.[publicationKeys.bucket];
    if (packed === undefined) return undefined;
    const bucket = unpackBucket(Buffer.from(packed, "base64"));
    if (!bucket.ok) throw new Error(`${name}: ${bucket.error.message}`);
    // Where another bucket is the broken one, this one need not be fetched at every retry.
    if (contentDigest(bucket.value) === digest) this.#atHand.set(digest, bucket.value);
    return bucket.value;
  }
}
