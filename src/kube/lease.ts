import type { Connection } from "./connection.ts";
import { KubeError } from "./kube-error.ts";
import type { KubeObject, ObjectMeta } from "./kube-object.ts";
import { apiVersionOf, pathOf, resourceTypes } from "./resource-types.ts";

export interface LeaseSpec {
  holderIdentity?: string | null;
  /** Whole seconds, at least 1. */
  leaseDurationSeconds?: number;
  /** These are MicroTimes. */
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

export type Lease = KubeObject & { spec?: LeaseSpec };

export interface LeasePlace {
  connection: Connection;
  namespace: string;
  name: string;
  /** Set by whoever makes or renews it, beside what others set. */
  mark?: LeaseMark;
}

/** What a Lease says of whoever holds it, to those who look for it. */
export type LeaseMark = Required<Pick<ObjectMeta, "labels" | "annotations">>;

const type = resourceTypes.Lease;

/**
 * @returns undefined where there is none
 * @throws KubeError
 */
export async function readLease(
  place: LeasePlace,
  signal: AbortSignal,
): Promise<Lease | undefined> {
  const { connection, namespace, name } = place;
  try {
    const path = pathOf(type, { namespace, name });
    return await connection.json<Lease>({ method: "GET", path, signal });
  } catch (error) {
    if (error instanceof KubeError && error.code === "NotFound") return undefined;
    throw error;
  }
}

/** @throws KubeError, `AlreadyExists` where another was quicker */
export async function createLease(
  { connection, namespace, name, mark }: LeasePlace,
  spec: LeaseSpec,
  signal: AbortSignal,
): Promise<void> {
  const body = {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: { name, namespace, ...mark },
    spec,
  };
  await connection.json({ method: "POST", path: pathOf(type, { namespace }), body, signal });
}

/**
 * The version that was read goes with it: of two that write, one gets a Conflict.
 *
 * @throws KubeError
 */
export async function replaceLease(
  { connection, namespace, name, mark }: LeasePlace,
  lease: Lease,
  signal: AbortSignal,
): Promise<void> {
  const { labels, annotations } = lease.metadata;
  const body = {
    ...lease,
    metadata: {
      ...lease.metadata,
      labels: { ...labels, ...mark?.labels },
      annotations: { ...annotations, ...mark?.annotations },
    },
  };
  await connection.json({ method: "PUT", path: pathOf(type, { namespace, name }), body, signal });
}

interface Claim {
  identity: string;
  durationSeconds: number;
  /** A MicroTime. */
  now: string;
}

/** A lease as its holder writes it, to take it or to renew it. */
export function claimedSpec(
  before: LeaseSpec | undefined,
  { identity, durationSeconds, now }: Claim,
): LeaseSpec {
  const renewed = {
    ...before,
    holderIdentity: identity,
    leaseDurationSeconds: durationSeconds,
    renewTime: now,
  };
  if (before?.holderIdentity === identity) return renewed;
  const leaseTransitions = before === undefined ? 0 : (before.leaseTransitions ?? 0) + 1;
  return { ...renewed, acquireTime: now, leaseTransitions };
}
