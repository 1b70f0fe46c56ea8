/** How a kind is addressed at the API server. */
export interface ResourceType {
  /** "" is the core group. */
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

const define = (
  group: string,
  version: string,
  kind: string,
  plural: string,
  namespaced = true,
): ResourceType => ({
  group,
  version,
  kind,
  plural,
  namespaced,
});

/** Every kind that Switchyard reads or writes: RBAC is derived from it. */
export const resourceTypes = {
  ModelBackend: define("switchyard.dev", "v1alpha1", "ModelBackend", "modelbackends"),
  ModelRoute: define("switchyard.dev", "v1alpha1", "ModelRoute", "modelroutes"),
  TenantPolicy: define("switchyard.dev", "v1alpha1", "TenantPolicy", "tenantpolicies"),
  ConfigMap: define("", "v1", "ConfigMap", "configmaps"),
  Service: define("", "v1", "Service", "services"),
  ServiceAccount: define("", "v1", "ServiceAccount", "serviceaccounts"),
  Pod: define("", "v1", "Pod", "pods"),
  Deployment: define("apps", "v1", "Deployment", "deployments"),
  CronJob: define("batch", "v1", "CronJob", "cronjobs"),
  Role: define("rbac.authorization.k8s.io", "v1", "Role", "roles"),
  RoleBinding: define("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"),
  HorizontalPodAutoscaler: define(
    "autoscaling",
    "v2",
    "HorizontalPodAutoscaler",
    "horizontalpodautoscalers",
  ),
  PodDisruptionBudget: define("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"),
  NetworkPolicy: define("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
  Lease: define("coordination.k8s.io", "v1", "Lease", "leases"),
  Event: define("events.k8s.io", "v1", "Event", "events"),
  CustomResourceDefinition: define(
    "apiextensions.k8s.io",
    "v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    false,
  ),
} as const satisfies Record<string, ResourceType>;

export interface Place {
  /** Absent: all namespaces, or a cluster-wide kind. */
  namespace?: string | undefined;
  name?: string;
  subresource?: "status";
}

/** `apps/v1`, or `v1` of the core group. */
export function apiVersionOf({ group, version }: ResourceType): string {
  return group === "" ? version : `${group}/${version}`;
}

/** The path of a collection, an object or its subresource. */
export function pathOf(type: ResourceType, { namespace, name, subresource }: Place = {}): string {
  const root = type.group === "" ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const within = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${root}${within}/${type.plural}${object}${subresource === undefined ? "" : `/${subresource}`}`;
}
