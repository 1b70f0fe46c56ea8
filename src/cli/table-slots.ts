import { getObject, resourceTypes, type Connection, type KubeObject } from "../kube/index.ts";
import {
  contentDigest,
  publicationKeys,
  publicationNames,
  unpackBucket,
  type TablePointer,
} from "../table/index.ts";
import type { Group } from "./folder-tables.ts";
import type { CopiedTable } from "./table-copy.ts";

type Slot = KubeObject & { binaryData?: Readonly<Record<string, string>> };

/** The bytes of the buckets that a pointer names. Those that were had before are not asked for again. */
export class TableSlots {
  readonly #connection: Connection;
  readonly #group: Group;
  readonly #names: ReturnType<typeof publicationNames>;
  /** By digest, which was verified; equal buckets are one. */
  readonly #atHand = new Map<string, Uint8Array>();
  #model: { digest: string; bytes: Uint8Array } | undefined;

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

  /**
   * The file of the classifier model that a pointer names.
   *
   * @returns unverified; undefined where the pointer names none, or the slot holds none
   * @throws KubeError, and Error for a slot that cannot be unpacked
   */
  async fetchModel({ model }: TablePointer): Promise<Uint8Array | undefined> {
    if (model === undefined) return undefined;
    if (model.digest === this.#model?.digest) return this.#model.bytes;
    return this.#read(this.#names.model(model.slot ?? "A"), publicationKeys.model);
  }

  /** Takes over what a table consists of that was verified, and drops all else. */
  keep({ pointer, buckets, model }: CopiedTable): void {
    this.#model =
      pointer.model === undefined || model === undefined
        ? undefined
        : { digest: pointer.model.digest, bytes: model };
    this.#atHand.clear();
    for (const [index, { digest }] of pointer.buckets.entries()) {
      const bytes = buckets[index];
      if (bytes !== undefined) this.#atHand.set(digest, bytes);
    }
  }

  async #get(name: string, digest: string): Promise<Uint8Array | undefined> {
    const bytes = await this.#read(name, publicationKeys.bucket);
    // Where another bucket is the broken one, this one need not be fetched at every retry.
    if (bytes !== undefined && contentDigest(bytes) === digest) this.#atHand.set(digest, bytes);
    return bytes;
  }

  async #read(name: string, key: string): Promise<Uint8Array | undefined> {
    const where = { namespace: this.#group.namespace, name };
    const slot = await getObject<Slot>(this.#connection, resourceTypes.ConfigMap, where);
    const packed = slot.binaryData?.[key];
    if (packed === undefined) return undefined;
    const bytes = unpackBucket(Buffer.from(packed, "base64"));
    if (!bytes.ok) throw new Error(`${name}: ${bytes.error.message}`);
    return bytes.value;
  }
}
