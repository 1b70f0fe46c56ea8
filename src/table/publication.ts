// Where a published table lies in a cluster, and how routers say which one they serve: what the
// operator writes and routers read, in one place. Names alone; nobody is called from here.

/** The object names of one group; all are in the group's namespace. */
export interface PublicationNames {
  /** The ConfigMap that owns everything of the group. */
  anchor: string;
  /** The ConfigMap whose `pointer` routers watch. */
  pointer: string;
  /** The ConfigMap that holds one of a bucket's two forms. */
  slot: (bucket: number, slot: Slot) => string;
  /** A ConfigMap that the group's plan job writes; shards from 0 to `planShards` − 1, of which most groups need one. */
  plans: (shard: number) => string;
  /** The ConfigMap that the group's drift job writes its report to. */
  drift: string;
  /** The ConfigMap that holds one of the two forms of the group's own classifier model. */
  model: (slot: Slot) => string;
}

export type Slot = "A" | "B";

export function publicationNames(routerClass: string): PublicationNames {
  const base = `switchyard-${routerClass}`;
  return {
    anchor: base,
    pointer: `${base}-table`,
    slot: (bucket, slot) =>
      `${base}-bucket-${String(bucket).padStart(2, "0")}-${slot.toLowerCase()}`,
    plans: (shard) => (shard === 0 ? `${base}-plans` : `${base}-plans-${shard + 1}`),
    drift: `${base}-drift`,
    model: (slot) => `${base}-model-${slot.toLowerCase()}`,
  };
}

/** The most ConfigMaps that a group's plans may take: room for some 3,000. The job's Role names each. */
export const planShards = 4;

/** The name under which the drift job owns its report, and its part of routes' statuses. */
export const driftFieldManager = "switchyard-drift";

/** The key of the pointer's JSON under `data`, and of a bucket's and a model's gzip under `binaryData`. */
export const publicationKeys = {
  pointer: "pointer.json",
  bucket: "bucket.json.gz",
  model: "model.gz",
} as const;

/** On a pointer: when it was last written, in RFC 3339. Beside the pointer, so that equal tables have equal ones. */
export const publishedAtAnnotation = "switchyard.dev/published-at";

/** On a router's acknowledgement Lease, which is named after its pod. */
export const acknowledgementAnnotations = {
  /** The digest of the table that new requests of this router take; absent before the first. */
  digest: "switchyard.dev/table-digest",
  /** Why the table that the pointer names was refused; absent where it was not. */
  error: "switchyard.dev/table-error",
} as const;

/** On everything of a group: how the operator finds it again. */
export const groupLabels = {
  managedBy: "app.kubernetes.io/managed-by",
  name: "app.kubernetes.io/name",
  routerClass: "switchyard.dev/router-class",
  component: "app.kubernetes.io/component",
} as const;

export const managedBy = "switchyard";
