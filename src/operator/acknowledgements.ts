import type { KubeObject } from "../kube/index.ts";
import { acknowledgementAnnotations } from "../table/index.ts";

/** A router as its pod and its Lease show it. */
export interface RouterSeen {
  pod: string;
  ready: boolean;
  /** Of the table that it serves; absent before the first. */
  digest?: string;
  /** Why it refused a table. */
  error?: string;
}

export interface WatchedPod extends KubeObject {
  /** All that is kept of its status. */
  ready: boolean;
}

/**
 * The routers of a group. A Lease speaks for the pod that owns it alone: one that an earlier pod of
 * the same name left behind says nothing. A pod that is being deleted serves no new requests.
 */
export function routersOf(
  pods: readonly WatchedPod[],
  leases: readonly KubeObject[],
): RouterSeen[] {
  const leaseOf = new Map(leases.map((lease) => [lease.metadata.name, lease]));
  return pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((pod) => ({
      pod: pod.metadata.name,
      ready: pod.ready,
      ...acknowledged(pod, leaseOf.get(pod.metadata.name)),
    }));
}

function acknowledged(
  pod: WatchedPod,
  lease: KubeObject | undefined,
): Pick<RouterSeen, "digest" | "error"> {
  const owners = lease?.metadata.ownerReferences ?? [];
  if (!owners.some(({ uid }) => uid === pod.metadata.uid)) return {};
  const annotations = lease?.metadata.annotations ?? {};
  const digest = annotations[acknowledgementAnnotations.digest];
  const error = annotations[acknowledgementAnnotations.error];
  return { ...(digest === undefined ? {} : { digest }), ...(error === undefined ? {} : { error }) };
}
