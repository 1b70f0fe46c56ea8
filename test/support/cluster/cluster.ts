import type { Kubectl } from "../kube/kubectl.ts";

/** A real one-node cluster. Its Services are reached at their own addresses. */
export interface Cluster {
  kubectl: Kubectl;
  helm: (parameters: readonly string[]) => Promise<string>;
  /** A file by which its administrator reaches it. */
  kubeconfig: string;
  /** The address of this process, as its API server reaches it. */
  hostAddress: string;
  /** Makes the images of a docker-archive file known to the node. */
  loadImage: (archive: string) => Promise<void>;
  /** Gives an image of the node one more name. */
  tagImage: (image: string, name: string) => Promise<void>;
  /** Makes NetworkPolicies act, in all that there are and all that come. */
  enforcePolicies: () => Promise<void>;
  /** Ends the API server at once, connections and all; pods and etcd go on. */
  stopApiServer: () => Promise<void>;
  startApiServer: () => Promise<void>;
  /**
   * Lets etcd forget all versions that anybody has seen. Watches from one of them are answered with
   * 410 where the API server, which remembers them too, is stopped meanwhile.
   */
  forgetVersions: () => Promise<void>;
  /** Ends all of it and removes its state. */
  stop: () => Promise<void>;
}
