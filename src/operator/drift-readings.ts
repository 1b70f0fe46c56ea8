import type { KubeObject, Store } from "../kube/index.ts";
import {
  groupLabels,
  publicationNames,
  readDriftReport,
  type DriftReport,
} from "../table/index.ts";
import type { DriftAge, DriftReading } from "../telemetry/index.ts";
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
  return driftObjects(held).flatMap(({ group, report }) => {
    if (report === null || now - report.lookedAt > longestMs) return [];
    return Object.values(report.routes)
      .flatMap(({ series }) => series)
      .map(({ key, signal, state, score, threshold, samples }): DriftReading => {
        return { group, ...key, signal, state, score, threshold, samples };
      })
      .toSorted((left, right) => grave[left.state] - grave[right.state]);
  });
}

/** How long ago each drift job looked: of one that never has, how long its report has been waiting for it. */
export function driftAges(
  held: Pick<Store, "namespaces" | "inNamespace">,
  now: number,
): DriftAge[] {
  return driftObjects(held).flatMap(({ group, report, madeAt }) => {
    const since = report?.lookedAt ?? madeAt;
    return Number.isNaN(since) ? [] : [{ ...group, seconds: Math.max(0, now - since) / 1_000 }];
  });
}

interface DriftObject {
  group: { namespace: string; routerClass: string };
  /** Null before the first look. */
  report: DriftReport | null;
  /** Milliseconds since the epoch; NaN where the API server has not told. */
  madeAt: number;
}

const driftObjects = (held: Pick<Store, "namespaces" | "inNamespace">): DriftObject[] =>
  held
    .namespaces()
    .flatMap((namespace) => held.inNamespace(namespace))
    .flatMap((object) => {
      const { labels, name, namespace = "default", creationTimestamp } = object.metadata;
      const routerClass = labels?.[groupLabels.routerClass];
      if (routerClass === undefined || publicationNames(routerClass).drift !== name) return [];
      const madeAt = Date.parse(creationTimestamp ?? "");
      return [{ group: { namespace, routerClass }, report: reportOf(object), madeAt }];
    });

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
