// The API server, as the operator and routers speak with it. Owns the connection, listings and watches,
// stores, the work queue, server-side apply, leader election and Events. It knows Kubernetes' own
// kinds by name alone, and of Switchyard's neither fields nor meaning.
export { applyObject, deleteObject, getObject, type ApplyOptions } from "./apply.ts";
export { connect, type Connection, type Endpoint, type KubeCall } from "./connection.ts";
export { EventRecorder, type EventNews } from "./event-recorder.ts";
export { fromKubeconfig } from "./from-kubeconfig.ts";
export { inCluster } from "./in-cluster.ts";
export { KubeError, type KubeErrorCode } from "./kube-error.ts";
export { keyOf, type KubeObject, type ObjectMeta, type OwnerReference } from "./kube-object.ts";
export { LeaderElection, type ElectionOptions } from "./leader-election.ts";
export type { LeaseMark, LeaseSpec } from "./lease.ts";
export { microTime } from "./micro-time.ts";
export { Reflector, type ReflectorOptions } from "./reflector.ts";
export {
  apiVersionOf,
  pathOf,
  resourceTypes,
  type Place,
  type ResourceType,
} from "./resource-types.ts";
export { Store, type StoreChange } from "./store.ts";
export { WorkQueue } from "./work-queue.ts";
