import type { EncodedTable, RoutingTable, TableError, TablePointer } from "../table/index.ts";
import { PublicationHistory } from "./history.ts";
import { ModelReader, type PackedModel } from "./models.ts";
import { lostEntries, planPublication, type NamedSlots } from "./publication-plan.ts";
import { carryOut, readPublished, type PublicationStore } from "./publish.ts";

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
  /** The classifier model that it names. */
  model?: PackedModel | undefined;
}

/** What of a pointer is to be relied on: a model whose slot is not sound is written anew. */
function namedBy(pointer: TablePointer, model: PackedModel | undefined): NamedSlots {
  const { model: named, ...rest } = pointer;
  if (named === undefined || named.digest === model?.digest) return pointer;
  return { ...rest, ...(named.slot === undefined ? {} : { model: { slot: named.slot } }) };
}

/** The published table of one group, as this operator knows it since it began to lead. */
export class PublishedGroup {
  readonly history = new PublicationHistory();
  readonly #store: PublicationStore;
  readonly #models: ModelReader;
  #isKnown = false;
  #named: NamedSlots | undefined;
  #pointer: TablePointer | undefined;
  #table: RoutingTable | undefined;
  #model: PackedModel | undefined;
  #damage: string | undefined;

  constructor(store: PublicationStore, models = new ModelReader()) {
    this.#store = store;
    this.#models = models;
  }

  /** The classifier model that the published table names, where this release's routers can read it. */
  get model(): PackedModel | undefined {
    return this.#model;
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
    const found = await readPublished(routerClass, this.#store, this.#models);
    this.#isKnown = true;
    this.#damage = undefined;
    if (found.state === "Published") {
      if (found.pointer.digest !== this.#pointer?.digest)
        this.history.add(found.pointer.digest, found.table, { before: this.#table });
      this.#table = found.table;
      this.#pointer = found.pointer;
      this.#model = found.model;
      this.#named = namedBy(found.pointer, found.model);
      return undefined;
    }
    this.#pointer = undefined;
    this.#model = undefined;
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
    { table, encoded, model }: Publishable,
    mayLoseEntries: () => Promise<boolean>,
  ): Promise<PublicationOutcome> {
    const plan = planPublication(this.#named, encoded, model?.packed);
    if (!plan.ok) return { state: "TooLarge", buckets: plan.error };
    if (!plan.value.changed && this.#pointer !== undefined) return { state: "Unchanged" };
    const mayShrink = this.#damage !== undefined || lostEntries(this.#table, table).length > 0;
    if (mayShrink && !(await mayLoseEntries())) return { state: "Withheld" };
    // Should it fail, the pointer may or may not have been switched.
    this.#isKnown = false;
    await carryOut(plan.value, this.#store);
    this.#isKnown = true;
    const buckets = plan.value.slots.flatMap(({ bucket }) => bucket ?? []);
    this.#adopt(table, plan.value.pointer, new Set(buckets));
    this.#model = encoded.pointer.model === undefined ? undefined : model;
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
