import { keyOf, type KubeObject, type LeaseMark } from "../kube/index.ts";
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

/** What a Lease says of its operator. */
export interface Claim {
  /** `namespace/name` of the Lease. */
  key: string;
  /** Absent: every namespace. */
  watches?: string;
  createdAt: string;
  /** Somebody leads by it. */
  isHeld: boolean;
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
  const holder = (spec as { holderIdentity?: string | null } | undefined)?.holderIdentity;
  return {
    key: keyOf({ metadata }),
    ...(watches === everywhere ? {} : { watches }),
    createdAt: metadata.creationTimestamp ?? "",
    isHeld: Boolean(holder),
  };
}
