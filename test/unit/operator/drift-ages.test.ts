import { expect, it } from "vitest";
import type { KubeObject } from "../../../src/kube/index.ts";
import { driftAges } from "../../../src/operator/drift-readings.ts";
import { groupLabels } from "../../../src/table/index.ts";

const day = 86_400_000;
const now = Date.parse("2026-03-10T03:20:00Z");

function reportObject(
  namespace: string,
  options: { name?: string; lookedAt?: number; made?: string },
): KubeObject {
  const { name = "switchyard-default-drift", lookedAt, made } = options;
  const report = {
    version: 1,
    lookedAt,
    from: 0,
    to: now,
    source: "records",
    routes: {},
    missing: [],
  };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name,
      namespace,
      ...(made === undefined ? {} : { creationTimestamp: made }),
      labels: { [groupLabels.routerClass]: "default", "switchyard.dev/holds": "drift" },
    },
    ...(lookedAt === undefined ? {} : { data: { "drift.json": JSON.stringify(report) } }),
  };
}

const holding = (objects: readonly KubeObject[]) => ({
  namespaces: () => [...new Set(objects.map(({ metadata }) => metadata.namespace ?? ""))],
  inNamespace: (wanted: string) =>
    objects.filter(({ metadata: { namespace } }) => namespace === wanted),
});

it("tells how long ago each group's job looked, however long ago that is", () => {
  const objects = [
    reportObject("shop", { lookedAt: now - day }),
    reportObject("lab", { lookedAt: now - 30 * day }),
  ];
  expect(driftAges(holding(objects), now)).toEqual([
    { namespace: "shop", routerClass: "default", seconds: 86_400 },
    { namespace: "lab", routerClass: "default", seconds: 30 * 86_400 },
  ]);
});

it("counts from the making of the report where the job has never looked", () => {
  const objects = [reportObject("shop", { made: "2026-03-08T03:20:00Z" })];
  expect(driftAges(holding(objects), now)).toEqual([
    { namespace: "shop", routerClass: "default", seconds: 2 * 86_400 },
  ]);
});

it("takes a clock that runs ahead for now, and no other ConfigMap for a report", () => {
  const objects = [
    reportObject("shop", { lookedAt: now + day }),
    reportObject("shop", { name: "somebody-elses", lookedAt: now - day }),
    reportObject("lab", {}),
  ];
  expect(driftAges(holding(objects), now)).toEqual([
    { namespace: "shop", routerClass: "default", seconds: 0 },
  ]);
});
