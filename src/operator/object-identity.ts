import { apiVersionOf, resourceTypes, type KubeObject, type ResourceType } from "../kube/index.ts";
import { groupLabels, managedBy } from "../table/index.ts";
import { isApplied } from "./owned-fields.ts";

/** `Deployment models/switchyard-default`: one text for an object, for logs, Events and sets. */
export const nameOf = ({ kind, metadata }: KubeObject): string =>
  `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;

/** @throws Error where it is none of the kinds that Switchyard writes */
export function typeOf({ kind, apiVersion }: KubeObject): ResourceType {
  const type = Object.values(resourceTypes).find(
    (each) => each.kind === kind && apiVersionOf(each) === apiVersion,
  );
  if (type === undefined) throw new Error(`Nothing is known of ${kind} in ${apiVersion}`);
  return type;
}

/** @throws Error where it has none: whatever the API server gives has one */
export function uidOf(item: KubeObject): string {
  const { uid } = item.metadata;
  if (uid === undefined) throw new Error(`${nameOf(item)} came without a uid`);
  return uid;
}

export const hasOurLabel = ({ metadata }: KubeObject): boolean =>
  metadata.labels?.[groupLabels.managedBy] === managedBy;

/** Whether the operator made it, also where somebody has taken its label away. */
export const isOurs = (item: KubeObject): boolean => hasOurLabel(item) || isApplied(item);
