import { resourceTypes, type KubeObject } from "../kube/index.ts";
import { groupLabels } from "../table/index.ts";
import type { GroupContext } from "./group.ts";
import { hasOurLabel, nameOf } from "./object-identity.ts";

/** ConfigMaps and Leases are not looked at: anchor, table and acknowledgements have rules of their own. */
const kinds: ReadonlySet<string> = new Set(
  [
    resourceTypes.CronJob,
    resourceTypes.HorizontalPodAutoscaler,
    resourceTypes.NetworkPolicy,
    resourceTypes.PodDisruptionBudget,
    resourceTypes.Service,
    resourceTypes.Deployment,
    resourceTypes.RoleBinding,
    resourceTypes.Role,
    resourceTypes.ServiceAccount,
  ].map(({ kind }) => kind),
);

/** What bears the group's labels and has its anchor as an owner, and is desired no longer. */
export function obsoleteObjects(
  group: Pick<GroupContext, "namespace" | "routerClass"> & { anchorUid: string },
  desired: readonly KubeObject[],
  observed: readonly KubeObject[],
): KubeObject[] {
  const wanted = new Set(desired.map(nameOf));
  return observed.filter(
    (item) =>
      kinds.has(item.kind) &&
      !wanted.has(nameOf(item)) &&
      belongsTo(group, item) &&
      item.metadata.deletionTimestamp === undefined,
  );
}

function belongsTo(
  group: Pick<GroupContext, "namespace" | "routerClass"> & { anchorUid: string },
  item: KubeObject,
): boolean {
  const { namespace, labels, ownerReferences = [] } = item.metadata;
  return (
    namespace === group.namespace &&
    hasOurLabel(item) &&
    labels?.[groupLabels.routerClass] === group.routerClass &&
    ownerReferences.some(({ uid }) => uid === group.anchorUid)
  );
}
