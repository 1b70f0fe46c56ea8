import { toManifest, type Manifest } from "../api/index.ts";
import type { KubeObject } from "../kube/index.ts";

/** Manifests by the objects that they were read from: a store replaces what changes. */
const known = new WeakMap<KubeObject, Manifest | null>();

/**
 * One of our resources as compile reads it, the same for the same object.
 *
 * @returns null for what has no name that could be one; the API server lets none through
 */
export function manifestOf(object: KubeObject): Manifest | null {
  const found = known.get(object);
  if (found !== undefined) return found;
  const manifest = toManifest(without(object, "status")).manifest ?? null;
  known.set(object, manifest);
  return manifest;
}

/** A new status leaves the manifest as it was, so that what was parsed of it still holds. */
export function carryManifest(before: KubeObject, after: KubeObject): void {
  const manifest = known.get(before);
  if (manifest !== undefined) known.set(after, manifest);
}

/** An object as it would be without one of its members. */
export function without<Item extends object>(item: Item, member: string): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => name !== member)) as Item;
}
