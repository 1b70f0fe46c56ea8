import { err, ok } from "../../../src/lib/index.ts";
import { ModelReader, type PackedModel } from "../../../src/operator/models.ts";
import type { SlotWrite } from "../../../src/operator/publication-plan.ts";
import type { PublicationStore } from "../../../src/operator/publish.ts";
import { decodeTable, publicationNames, unpackBucket } from "../../../src/table/index.ts";
import type { RoutingTable, TablePointer } from "../../../src/table/index.ts";

/** A simulated model's gzip is the text of its digest. */
export const packedModel = (digest: string): PackedModel => ({
  digest,
  packed: Buffer.from(digest),
});

/** Knows the models of such texts. */
export const models = new ModelReader((packed) => {
  const text = Buffer.from(packed).toString();
  return /^[0-9a-f]{64}$/.test(text) ? ok({ digest: text }) : err("It is no model");
});

export class Killed extends Error {}

/** A cluster's ConfigMaps of one group, whose writer may be killed before any of its writes. */
export class SimulatedStore implements PublicationStore {
  readonly slots = new Map<string, Uint8Array>();
  readonly written: string[] = [];
  pointer: string | undefined;
  /** How many writes are still let through. */
  left = Number.POSITIVE_INFINITY;
  /** Called after every write that was let through. */
  onWrite: () => void = () => undefined;

  readPointer(): Promise<unknown> {
    return Promise.resolve(this.pointer === undefined ? undefined : JSON.parse(this.pointer));
  }

  readSlot(name: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.slots.get(name));
  }

  writeSlot({ name, gzip }: SlotWrite): Promise<void> {
    return this.#write(name, () => this.slots.set(name, gzip));
  }

  writePointer(pointer: TablePointer): Promise<void> {
    return this.#write("pointer", () => {
      this.pointer = JSON.stringify(pointer);
    });
  }

  /** What a router that starts now would serve; undefined where there is nothing to serve. */
  routerReads(routerClass: string): RoutingTable | undefined {
    if (this.pointer === undefined) return undefined;
    const pointer = JSON.parse(this.pointer) as TablePointer;
    const names = publicationNames(routerClass);
    const buckets = pointer.buckets.map(({ slot = "A" }, bucket) => {
      const packed = this.slots.get(names.slot(bucket, slot));
      const unpacked = packed === undefined ? undefined : unpackBucket(packed);
      return unpacked?.ok === true ? unpacked.value : undefined;
    });
    const table = decodeTable({ pointer, buckets });
    if (!table.ok) throw new Error(table.error.message);
    const { model } = pointer;
    const packed = model && this.slots.get(names.model(model.slot ?? "A"));
    if (model !== undefined && Buffer.from(packed ?? "").toString() !== model.digest)
      throw new Error("The model's slot holds another model");
    return table.value;
  }

  #write(name: string, act: () => void): Promise<void> {
    if (this.left === 0) return Promise.reject(new Killed(`Killed before ${name} was written`));
    this.left -= 1;
    act();
    this.written.push(name);
    this.onWrite();
    return Promise.resolve();
  }
}
