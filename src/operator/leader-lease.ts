import { keyOf, type KubeObject, type LeaseMark, type LeaseSpec } from "../kube/index.ts";
import { groupLabels } from "../table/index.ts";
import type { OperatorConfig } from "./operator-config.ts";

/** By which labels operators find each other's Leases. */
const labels = { [groupLabels.name]: "switchyard", [groupLabels.component]: "operator" };

export const leaderLeaseSelector = Object.entries(labels)
  .map(([name, value]) => `${name}=${value}`)
  .join(",");

const watchesAnnotation = "switchyard.dev/watches";

/** Names a leader that watches every namespace. No namespace can be called so. */
const everywhere = "*";

export interface LeaderLease {
  namespace: string;
  name: string;
  /** Tells other operators what this one watches. */
  mark: LeaseMark;
}

/**
 * An operator of one namespace has its Lease there, where any other operator of that namespace sees it;
 * one of all namespaces has it in its own.
 */
export function leaderLeaseOf(
  { namespace, leaseName }: Pick<OperatorConfig, "namespace" | "leaseName">,
  ownNamespace: string,
): LeaderLease {
  return {
    namespace: namespace ?? ownNamespace,
    name: leaseName,
    mark: { labels, annotations: { [watchesAnnotation]: namespace ?? everywhere } },
  };
}

/** Of a Lease that does not say how long it lasts. */
const usualSeconds = 15;

/** What a Lease says of its operator. */
export interface Claim {
  /** `namespace/name` of the Lease. */
  key: string;
  /** Absent: every namespace. */
  watches?: string;
  createdAt: string;
  /** Somebody leads by it, or did when it was last written. */
  isHeld: boolean;
  /** By the holder's clock, which only tells one renewal from another; empty where it says nothing. */
  renewedAt: string;
  /** Milliseconds without a renewal after which it is nobody's. */
  durationMs: number;
}

/**
 * @returns undefined where it is no operator's. Whoever may write Leases in a namespace can claim that
 *   namespace alone: another's is not theirs to give away. What belongs to an object, as routers' Leases
 *   do to their pods, is no operator's.
 */
export function readClaim({ metadata, spec }: KubeObject): Claim | undefined {
  const watches = metadata.annotations?.[watchesAnnotation];
  if (watches === undefined || (metadata.ownerReferences ?? []).length > 0) return undefined;
  if (watches !== everywhere && watches !== metadata.namespace) return undefined;
  return {
    key: keyOf({ metadata }),
    ...(watches === everywhere ? {} : { watches }),
    createdAt: metadata.creationTimestamp ?? "",
    ...holdOf((spec ?? {}) as LeaseSpec),
  };
}

function holdOf({
  holderIdentity,
  renewTime = "",
  leaseDurationSeconds = usualSeconds,
}: LeaseSpec): Pick<Claim, "isHeld" | "renewedAt" | "durationMs"> {
  const durationMs = leaseDurationSeconds * 1_000;
  return { isHeld: Boolean(holderIdentity), renewedAt: renewTime, durationMs };
}
