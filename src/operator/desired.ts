import type { KubeObject } from "../kube/index.ts";
import type { GroupContext } from "./group.ts";
import { buildDeployment } from "./specs/deployment.ts";
import { driftObjects } from "./specs/drift-job.ts";
import { buildHpa, isAutoscaled } from "./specs/horizontal-pod-autoscaler.ts";
import { buildNetworkPolicy } from "./specs/network-policy.ts";
import { planObjects } from "./specs/plan-job.ts";
import { buildPodDisruptionBudget } from "./specs/pod-disruption-budget.ts";
import { buildRoleBinding } from "./specs/role-binding.ts";
import { buildRole } from "./specs/role.ts";
import { buildServiceAccount } from "./specs/service-account.ts";
import { buildService } from "./specs/service.ts";

/**
 * Every object that a group is to have, in the order of applying: what a pod needs stands before what
 * makes pods. The anchor is not among them, being there before (buildAnchor); neither is the table.
 */
export function desiredObjects(group: GroupContext & { anchorUid: string }): KubeObject[] {
  return [
    buildServiceAccount(group),
    buildRole(group),
    buildRoleBinding(group),
    ...(group.config.networkPolicy.enabled ? [buildNetworkPolicy(group)] : []),
    buildService(group),
    buildPodDisruptionBudget(group),
    buildDeployment(group),
    ...(isAutoscaled(group) ? [buildHpa(group)] : []),
    ...(group.config.plan.enabled ? planObjects(group) : []),
    ...(group.drift === undefined ? [] : driftObjects({ ...group, drift: group.drift })),
  ];
}
