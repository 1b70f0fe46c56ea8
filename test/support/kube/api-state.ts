import { randomUUID } from "node:crypto";
import type { KubeObject } from "../../../src/kube/index.ts";

/** What a path of the API names: a collection, or an object of one. */
export interface Place {
  /** Group, version and plural. */
  resource: string;
  namespace: string | undefined;
  name: string | undefined;
}

export interface Change {
  type: "ADDED" | "MODIFIED" | "DELETED";
  version: number;
  place: Place;
  object: KubeObject;
}

type Draft = Omit<KubeObject, "metadata"> & { metadata?: Partial<KubeObject["metadata"]> };

const pathPattern =
  /^(\/api\/[^/]+|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/status)?$/;

export function placeOf(path: string): Place {
  const [, root, namespace, plural, name] = pathPattern.exec(path) ?? [];
  if (root === undefined) return { resource: path, namespace: undefined, name: "" };
  return { resource: `${root}/${plural}`, namespace, name };
}

/** Whether an object belongs to a collection, be it that of all namespaces. */
const isWithin = (object: Place, collection: Place): boolean =>
  object.resource === collection.resource &&
  (collection.namespace === undefined || collection.namespace === object.namespace);

const keyOf = ({ resource, namespace, name }: Place): string =>
  JSON.stringify([resource, namespace, name]);

/** Objects with versions and a history that can be cut off, as etcd keeps them. */
export class ApiState {
  #version = 1;
  #compactedAt = 0;
  #history: Change[] = [];
  readonly #objects = new Map<string, { place: Place; object: KubeObject }>();
  readonly #listeners = new Set<(change: Change) => void>();

  get version(): number {
    return this.#version;
  }

  get(place: Place): KubeObject | undefined {
    return this.#objects.get(keyOf(place))?.object;
  }

  list(collection: Place): KubeObject[] {
    return [...this.#objects.values()]
      .filter(({ place }) => isWithin(place, collection))
      .map(({ object }) => object);
  }

  put(place: Place, draft: Draft): KubeObject {
    const before = this.get(place);
    const object = {
      ...draft,
      metadata: {
        ...draft.metadata,
        name: place.name ?? "",
        ...(place.namespace === undefined ? {} : { namespace: place.namespace }),
        uid: before?.metadata.uid ?? randomUUID(),
      },
    } as KubeObject;
    return this.#commit(before === undefined ? "ADDED" : "MODIFIED", place, object);
  }

  delete(place: Place): KubeObject | undefined {
    const before = this.get(place);
    return before === undefined ? undefined : this.#commit("DELETED", place, before);
  }

  /** Forgets what happened before now: watches cannot begin there any more. */
  compact(): void {
    this.#compactedAt = this.#version;
    this.#history = [];
  }

  /** @returns undefined where that is forgotten */
  changesSince(version: number, collection: Place): Change[] | undefined {
    if (version < this.#compactedAt) return undefined;
    return this.#history.filter(
      (change) => change.version > version && isWithin(change.place, collection),
    );
  }

  /** @returns ends it */
  onChange(collection: Place, listener: (change: Change) => void): () => void {
    const filtered = (change: Change): void => {
      if (isWithin(change.place, collection)) listener(change);
    };
    this.#listeners.add(filtered);
    return () => this.#listeners.delete(filtered);
  }

  #commit(type: Change["type"], place: Place, draft: KubeObject): KubeObject {
    this.#version += 1;
    const resourceVersion = String(this.#version);
    const object = { ...draft, metadata: { ...draft.metadata, resourceVersion } };
    if (type === "DELETED") this.#objects.delete(keyOf(place));
    else this.#objects.set(keyOf(place), { place, object });
    const change = { type, version: this.#version, place, object };
    this.#history.push(change);
    for (const listener of this.#listeners) listener(change);
    return object;
  }
}
