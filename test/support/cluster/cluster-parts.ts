import type { BinaryName } from "../kube/binaries.ts";

/** What `scripts/cluster.ts` has made ready before anything is run. */
export type ClusterParts = NodeParts | KindParts;

/** For a node made of its parts, in the network namespace that the command is run in. */
export interface NodeParts {
  type: "Node";
  binaries: Record<BinaryName, string>;
  /** docker-archive files. */
  images: { switchyard: string; jobs: string; pause: string; redis: string; objectStore: string };
  /** A cgroup of this run's own, the same below every controller; gone afterwards. */
  cgroup: string;
  /** The network namespace that the run was started from, and in which no cluster may be made. */
  outerNetwork: string;
}

/** For a node of kind's. */
export interface KindParts {
  type: "Kind";
  binaries: Record<"kubectl" | "helm", string>;
  /** What is not among them its node pulls. */
  images: { switchyard: string; jobs: string; objectStore: string };
}

/** The environment variable with the parts as JSON. */
export const partsVariable = "SWITCHYARD_CLUSTER_PARTS";

/** @throws Error for a person who has started the tests in another way */
export function readParts(): ClusterParts {
  const text = process.env[partsVariable];
  if (!text) throw new Error("Start what needs a cluster with: node scripts/cluster.ts COMMAND");
  return JSON.parse(text) as ClusterParts;
}
