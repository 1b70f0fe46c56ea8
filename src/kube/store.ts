import { keyOf, type KubeObject } from "./kube-object.ts";

export interface StoreChange<Item extends KubeObject> {
  before: Item | undefined;
  after: Item | undefined;
}

type Listener<Item extends KubeObject> = (change: StoreChange<Item>) => void;

/** The objects of one kind as last seen, with an index by namespace. Objects are never changed, only replaced. */
export class Store<Item extends KubeObject = KubeObject> {
  readonly #items = new Map<string, Item>();
  readonly #byNamespace = new Map<string, Map<string, Item>>();
  readonly #listeners = new Set<Listener<Item>>();

  get size(): number {
    return this.#items.size;
  }

  /** @param key `namespace/name`, or the name alone */
  get(key: string): Item | undefined {
    return this.#items.get(key);
  }

  all(): IterableIterator<Item> {
    return this.#items.values();
  }

  inNamespace(namespace: string): Item[] {
    return [...(this.#byNamespace.get(namespace)?.values() ?? [])];
  }

  namespaces(): string[] {
    return [...this.#byNamespace.keys()];
  }

  /** Tells of every change from now on, after the store holds it. */
  onChange(listener: Listener<Item>): void {
    this.#listeners.add(listener);
  }

  put(item: Item): void {
    const key = keyOf(item);
    const before = this.#items.get(key);
    if (before !== undefined && sameVersion(before, item)) return;
    this.#items.set(key, item);
    this.#namespaceOf(item).set(key, item);
    this.#tell({ before, after: item });
  }

  remove(key: string): void {
    const before = this.#items.get(key);
    if (before === undefined) return;
    this.#items.delete(key);
    const siblings = this.#namespaceOf(before);
    siblings.delete(key);
    if (siblings.size === 0) this.#byNamespace.delete(before.metadata.namespace ?? "");
    this.#tell({ before, after: undefined });
  }

  /** Drops what a complete listing did not hold. */
  retain(keys: ReadonlySet<string>): void {
    for (const key of this.#items.keys()) if (!keys.has(key)) this.remove(key);
  }

  #namespaceOf({ metadata }: Item): Map<string, Item> {
    const namespace = metadata.namespace ?? "";
    let siblings = this.#byNamespace.get(namespace);
    if (siblings === undefined) this.#byNamespace.set(namespace, (siblings = new Map()));
    return siblings;
  }

  /** One that throws keeps the others from nothing; whoever made the change hears of it. */
  #tell(change: StoreChange<Item>): void {
    const errors: unknown[] = [];
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, "A listener of the store failed");
  }
}

/** After a new listing most objects are those that were there before. */
function sameVersion(left: KubeObject, right: KubeObject): boolean {
  const { resourceVersion, uid } = left.metadata;
  return (
    resourceVersion !== undefined &&
    resourceVersion === right.metadata.resourceVersion &&
    uid === right.metadata.uid
  );
}
