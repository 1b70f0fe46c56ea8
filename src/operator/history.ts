import { canonicalText } from "../lib/index.ts";
import { bucketOf, entryKinds, type EntryKind, type RoutingTable } from "../table/index.ts";
import { entryKey } from "./publication-plan.ts";

/** Digests that are remembered: a router that serves an older table counts as one that serves none of ours. */
const longest = 4_096;

interface Since {
  /** The publication since which the entry stands in the table as it does now. */
  form: number;
  /** The publication since which the entry stands in the table in whatever form. */
  presence: number;
}

/**
 * Which tables of a group have been published, in their order, and since which of them each entry has
 * been as it is. So of a router that says which table it serves one can tell whether it serves the
 * present form of an entry, though the table has changed elsewhere since.
 */
export class PublicationHistory {
  readonly #indices = new Map<string, number>();
  readonly #since = new Map<string, Since>();
  #last = -1;

  /**
   * Adds a publication.
   *
   * @param before the table published until now; absent at the beginning
   * @param buckets those that differ, so that the entries of all others need no second look
   */
  add(
    digest: string,
    table: RoutingTable,
    { before, buckets }: { before?: RoutingTable | undefined; buckets?: ReadonlySet<number> } = {},
  ): void {
    this.#last += 1;
    // Two publications of one table are equal: whoever serves the former serves the latter.
    this.#indices.delete(digest);
    this.#indices.set(digest, this.#last);
    for (const oldest of this.#indices.keys()) {
      if (this.#indices.size <= longest) break;
      this.#indices.delete(oldest);
    }
    for (const kind of entryKinds)
      this.#addKind(kind, { before: before?.[kind], after: table[kind], buckets });
  }

  /** Where a table stands in the order; -1 for one that is not remembered. */
  indexOf(digest: string | undefined): number {
    return digest === undefined ? -1 : (this.#indices.get(digest) ?? -1);
  }

  /** Since when an entry is as it is; undefined where the last table has none of it. */
  since(kind: EntryKind, name: string): Since | undefined {
    return this.#since.get(entryKey(kind, name));
  }

  #addKind(kind: EntryKind, { before = {}, after, buckets }: Step): void {
    const isConcerned = (name: string) => buckets?.has(bucketOf(kind, name)) ?? true;
    for (const name of Object.keys(before)) {
      if (!Object.hasOwn(after, name)) this.#since.delete(entryKey(kind, name));
    }
    for (const [name, entry] of Object.entries(after)) {
      const key = entryKey(kind, name);
      const known = this.#since.get(key);
      const isAsBefore = () =>
        before[name] === entry || !isConcerned(name) || isSame(before[name], entry);
      if (known !== undefined && isAsBefore()) continue;
      this.#since.set(key, { form: this.#last, presence: known?.presence ?? this.#last });
    }
  }
}

interface Step {
  before: Readonly<Record<string, object>> | undefined;
  after: Readonly<Record<string, object>>;
  buckets: ReadonlySet<number> | undefined;
}

function isSame(before: object | undefined, after: object): boolean {
  return before !== undefined && canonicalText(before) === canonicalText(after);
}
