import type { BinaryName } from "../kube/binaries.ts";

/** What `scripts/cluster.ts` has made ready before the tests run in a network namespace. */
export interface ClusterParts {
  binaries: Record<BinaryName, string>;
  /** docker-archive files. */
  images: { switchyard: string; pause: string };
  /** A cgroup of this run's own, the same below every controller; gone afterwards. */
  cgroup: string;
  /** The network namespace that the run was started from, and in which no cluster may be made. */
  outerNetwork: string;
}

/** The environment variable with the parts as JSON. */
export const partsVariable = "SWITCHYARD_CLUSTER_PARTS";

/** @throws Error for a person who has started the tests in another way */
export function readParts(): ClusterParts {
  const text = process.env[partsVariable];
  if (!text) throw new Error("Start what needs a cluster with: node scripts/cluster.ts COMMAND");
  return JSON.parse(text) as ClusterParts;
}
