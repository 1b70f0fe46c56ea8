import { toConfigMap, type ConfigMapReading } from "../api/index.ts";
import type { KubeObject } from "../kube/index.ts";

/** Readings by the objects that they were made from: a store replaces what changes. */
const known = new WeakMap<KubeObject, ConfigMapReading>();

/** A labelled ConfigMap as compile reads it, the same for the same object. */
export function heldOf(object: KubeObject): ConfigMapReading {
  const reading = known.get(object) ?? toConfigMap(object) ?? {};
  known.set(object, reading);
  return reading;
}

/** An update that changes nothing of interest leaves the reading as it was. */
export function carryHeld(before: KubeObject, after: KubeObject): void {
  const reading = known.get(before);
  if (reading !== undefined) known.set(after, reading);
}
