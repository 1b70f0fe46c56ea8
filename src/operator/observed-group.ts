import type { Group } from "../compile/index.ts";
import type { KubeObject } from "../kube/index.ts";
import { groupLabels, publicationNames } from "../table/index.ts";
import { planNames } from "./group.ts";
import type { WatchedPod } from "./acknowledgements.ts";
import type { WatchedConfigMap } from "./trim.ts";
import type { Watched } from "./watched.ts";

/** What the cluster was last seen to hold of one group. */
export interface ObservedGroup {
  anchor: KubeObject | undefined;
  configMap(name: string): WatchedConfigMap | undefined;
  pods: readonly WatchedPod[];
  leases: readonly KubeObject[];
  /** The anchor, and what routers and jobs need. */
  objects(): KubeObject[];
}

export function observeGroup(watched: Watched, group: Group): ObservedGroup {
  const { namespace, routerClass } = group;
  const isOfGroup = ({ metadata }: KubeObject) =>
    metadata.labels?.[groupLabels.routerClass] === routerClass;
  const configMap = (name: string) => watched.configMaps.get(`${namespace}/${name}`);
  const { anchor: anchorName, drift } = publicationNames(routerClass);
  const anchor = configMap(anchorName);
  return {
    anchor,
    configMap,
    pods: watched.pods
      .inNamespace(namespace)
      .filter((pod) => isOfGroup(pod) && pod.metadata.labels?.[groupLabels.component] === "router"),
    leases: watched.leases.inNamespace(namespace).filter(isOfGroup),
    objects: () => [
      ...[anchor, ...[...planNames({ routerClass }), drift].map(configMap)].filter(
        (item) => item !== undefined,
      ),
      ...[...watched.groupObjects.values()].flatMap((store) =>
        store.inNamespace(namespace).filter(isOfGroup),
      ),
    ],
  };
}
