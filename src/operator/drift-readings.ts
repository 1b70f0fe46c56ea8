import type { KubeObject, Store } from "../kube/index.ts";
import {
  groupLabels,
  publicationNames,
  readDriftReport,
  type DriftReport,
} from "../table/index.ts";
import type { DriftReading } from "../telemetry/index.ts";
import { heldOf } from "./held-of.ts";

/** Of a group that nobody looks at any more, the last report says less with each day. */
const longestMs = 8 * 86_400_000;

/** Reports by the objects that hold them: a store replaces what changes. */
const known = new WeakMap<KubeObject, DriftReport | null>();

/** What drift jobs have last found, the gravest of each group first. */
export function driftReadings(
  held: Pick<Store, "namespaces" | "inNamespace">,
  now: number,
): DriftReading[] {
  return held
    .namespaces()
    .flatMap((namespace) => held.inNamespace(namespace))
    .flatMap((object) => {
      const routerClass = object.metadata.labels?.[groupLabels.routerClass];
      const report = reportOf(object);
      if (routerClass === undefined || report === null) return [];
      if (publicationNames(routerClass).drift !== object.metadata.name) return [];
      if (now - report.lookedAt > longestMs) return [];
      const group = { namespace: object.metadata.namespace ?? "default", routerClass };
      return Object.values(report.routes)
        .flatMap(({ series }) => series)
        .map(({ key, signal, state, score, threshold, samples }): DriftReading => {
          return { group, ...key, signal, state, score, threshold, samples };
        })
        .toSorted((left, right) => grave[left.state] - grave[right.state]);
    });
}

const grave = { drifted: 0, insufficient: 1, ok: 2 } as const;

function reportOf(object: KubeObject): DriftReport | null {
  const found = known.get(object);
  if (found !== undefined) return found;
  const { configMap } = heldOf(object);
  const read = configMap?.holds === "drift" ? readDriftReport(configMap.content) : undefined;
  const report = read?.ok === true ? read.value : null;
  known.set(object, report);
  return report;
}
