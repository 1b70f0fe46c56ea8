import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { KubeObject } from "../../../src/kube/index.ts";
import { desiredObjects } from "../../../src/operator/desired.ts";
import { firstDifference } from "../../../src/operator/diff.ts";
import { fieldManager } from "../../../src/operator/group.ts";
import { buildAnchor } from "../../../src/operator/specs/anchor.ts";
import { asObserved } from "./api-server-view.ts";
import { arbitraryGroup } from "./arbitrary-group.ts";

const thing = (spec: unknown, kind = "Deployment"): KubeObject => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name: "switchyard-default", namespace: "models" },
  spec,
});

const podWith = (container: object) => ({ containers: [{ name: "router", ...container }] });

describe("nothing differs", () => {
  test.each<[string, unknown, unknown]>([
    ["where a default was added", { a: 1 }, { a: 1, progressDeadlineSeconds: 600 }],
    [
      "where another manager added a container",
      podWith({}),
      {
        containers: [{ name: "mesh" }, { name: "router" }],
      },
    ],
    ["where an empty object is not kept", { resources: {} }, {}],
    ["where an empty list is not kept", { ingress: [] }, {}],
    [
      "where an empty text is not kept",
      podWith({ env: [{ name: "A", value: "" }] }),
      podWith({ env: [{ name: "A" }] }),
    ],
    ["where a field is undefined", { replicas: undefined }, { replicas: 3 }],
    [
      "where an empty object is filled by another",
      { resources: {} },
      { resources: { limits: { cpu: "1" } } },
    ],
    ["where an empty keyed list is filled by another", { env: [] }, { env: [{ name: "A" }] }],
    ["where null stands for nothing", { selector: {} }, { selector: null }],
    [
      "between processors in two notations",
      { resources: { limits: { cpu: "1000m" } } },
      { resources: { limits: { cpu: "1" } } },
    ],
    [
      "between memories in two notations",
      { resources: { requests: { memory: "1024Mi" } } },
      { resources: { requests: { memory: "1Gi" } } },
    ],
    [
      "between sizes of a volume in two notations",
      { emptyDir: { sizeLimit: "0.25Gi" } },
      { emptyDir: { sizeLimit: "256Mi" } },
    ],
    ["between a number and its text, where a field takes both", { maxSurge: 1 }, { maxSurge: "1" }],
    [
      "between keyed lists in another order",
      { env: [{ name: "A" }, { name: "B" }] },
      { env: [{ name: "B" }, { name: "A" }] },
    ],
    [
      "between ports, known by number and protocol",
      podWith({ ports: [{ containerPort: 1, protocol: "TCP" }] }),
      podWith({
        ports: [
          { containerPort: 1, protocol: "UDP" },
          { containerPort: 1, protocol: "TCP" },
        ],
      }),
    ],
  ])("%s", (_, desired, observed) => {
    expect(firstDifference(thing(desired), thing(observed))).toBeUndefined();
  });
});

describe("a difference is told", () => {
  test.each<[string, unknown, unknown]>([
    ["spec.replicas is 3, wanted is 2", { replicas: 2 }, { replicas: 3 }],
    ["spec.replicas is absent, wanted is 2", { replicas: 2 }, {}],
    ['spec is absent, wanted is {"replicas":2}', { replicas: 2 }, undefined],
    ["spec.paused is absent, wanted is false", { paused: false }, {}],
    ["spec.maxUnavailable is absent, wanted is 0", { maxUnavailable: 0 }, {}],
    ['spec.ingress is [{"ports":[]}], wanted is []', { ingress: [] }, { ingress: [{ ports: [] }] }],
    [
      'spec.podSelector.a is "b", wanted is absent',
      { podSelector: {} },
      { podSelector: { a: "b" } },
    ],
    ['spec.clusterIP is "None", wanted is ""', { clusterIP: "" }, { clusterIP: "None" }],
    [
      'spec.resources.limits.cpu is "2", wanted is "1000m"',
      { resources: { limits: { cpu: "1000m" } } },
      { resources: { limits: { cpu: "2" } } },
    ],
    [
      'spec.resources.limits.cpu is "1", wanted is "many"',
      { resources: { limits: { cpu: "many" } } },
      { resources: { limits: { cpu: "1" } } },
    ],
    [
      'spec.containers[router].image is "a:1", wanted is "a:2"',
      podWith({ image: "a:2" }),
      { containers: [{ name: "mesh" }, { name: "router", image: "a:1" }] },
    ],
    [
      'spec.containers[router] is absent, wanted is {"name":"router"}',
      podWith({}),
      { containers: [{ name: "mesh" }] },
    ],
    [
      'spec.containers is "none", wanted is [{"name":"router"}]',
      podWith({}),
      { containers: "none" },
    ],
    [
      'spec.nodeSelector[kubernetes.io/arch] is "arm64", wanted is absent',
      { nodeSelector: { zone: "a" } },
      { nodeSelector: { zone: "a", "kubernetes.io/arch": "arm64" } },
    ],
    [
      'spec.rules[0].verbs is ["get","list"], wanted is ["get"]',
      { rules: [{ verbs: ["get"] }] },
      { rules: [{ verbs: ["get", "list"] }] },
    ],
    [
      'spec.ingress[0].from is [{"podSelector":{"a":"b"}}], wanted is absent',
      { ingress: [{ ports: [{ port: 1 }] }] },
      { ingress: [{ ports: [{ port: 1 }], from: [{ podSelector: { a: "b" } }] }] },
    ],
    [
      "spec.egress[0].ports[0].port is 80, wanted is 443",
      { egress: [{ ports: [{ port: 443 }] }] },
      { egress: [{ ports: [{ port: 80 }] }] },
    ],
    [
      'spec.args is ["router"], wanted is ["router","--kubernetes"]',
      { args: ["router", "--kubernetes"] },
      { args: ["router"] },
    ],
    ['spec.port is "2", wanted is 1', { port: 1 }, { port: "2" }],
    ['spec.name is 1, wanted is "1"', { name: "1" }, { name: 1 }],
    [
      "spec.env[TOKEN].value is not as wanted",
      { env: [{ name: "TOKEN", value: "secret-new" }] },
      { env: [{ name: "TOKEN", value: "secret-old" }] },
    ],
    [
      `spec.note is "${"x".repeat(79)}…, wanted is "short"`,
      { note: "short" },
      { note: "x".repeat(500) },
    ],
  ])("%s", (told, desired, observed) => {
    expect(firstDifference(thing(desired), thing(observed))).toBe(told);
  });
});

describe("what an earlier apply set", () => {
  const spec = {
    ...podWith({
      env: [{ name: "A", value: "1" }],
      ports: [{ containerPort: 1, protocol: "TCP" }],
    }),
    nodeSelector: { zone: "a" },
  };
  const fields = {
    "f:spec": {
      "f:containers": {
        'k:{"name":"router"}': {
          ".": {},
          "f:name": {},
          "f:env": { 'k:{"name":"A"}': { ".": {}, "f:name": {}, "f:value": {} } },
          "f:ports": { 'k:{"containerPort":1,"protocol":"TCP"}': { ".": {}, "f:protocol": {} } },
        },
      },
      "f:nodeSelector": {},
    },
  };
  const managed = (entry: object): KubeObject => {
    const item = thing(spec);
    Object.assign(item.metadata, {
      managedFields: [{ manager: "kubectl", operation: "Update", apiVersion: "apps/v1" }, entry],
    });
    return item;
  };
  const ours = {
    manager: fieldManager,
    operation: "Apply",
    apiVersion: "apps/v1",
    fieldsV1: fields,
  };

  test("does not differ where this one sets it, too", () => {
    expect(firstDifference(thing(spec), managed(ours))).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ["spec.nodeSelector is set and no longer wanted", { ...spec, nodeSelector: undefined }],
    [
      "spec.containers[router].env is set and no longer wanted",
      {
        ...spec,
        ...podWith({ ports: [{ containerPort: 1, protocol: "TCP" }] }),
      },
    ],
    [
      "spec.containers[router].env[A] is set and no longer wanted",
      {
        ...spec,
        ...podWith({ env: [], ports: [{ containerPort: 1, protocol: "TCP" }] }),
      },
    ],
    [
      "spec.containers[router].env[A].value is set and no longer wanted",
      {
        ...spec,
        ...podWith({ env: [{ name: "A" }], ports: [{ containerPort: 1, protocol: "TCP" }] }),
      },
    ],
    [
      "spec.containers[router].ports[1/TCP] is set and no longer wanted",
      {
        ...spec,
        ...podWith({ env: [{ name: "A", value: "1" }], ports: [] }),
      },
    ],
  ])("is told where this one would not: %s", (told, desired) => {
    const observed = managed(ours);
    // An empty list says what is wanted as little as an absent one: the comparison comes first.
    observed["spec"] = JSON.parse(JSON.stringify(desired));
    expect(firstDifference(thing(desired), observed)).toBe(told);
  });

  test.each<[string, object]>([
    ["by another manager", { ...ours, manager: "kubectl" }],
    ["by an update", { ...ours, operation: "Update" }],
    ["on its status alone", { ...ours, subresource: "status" }],
    ["under an older version", { ...ours, apiVersion: "apps/v1beta1" }],
  ])("is unknown where it was set %s: it is applied once more", (_, entry) => {
    expect(firstDifference(thing(spec), managed(entry))).toBe(
      "switchyard-operator has not applied it yet",
    );
  });
});

describe("every object of any group", () => {
  const eachOf = (numRuns: number, check: (item: KubeObject) => void): void =>
    fc.assert(
      fc.property(arbitraryGroup, (group) => {
        for (const item of [buildAnchor(group), ...desiredObjects(group)]) check(item);
      }),
      { numRuns },
    );

  test("does not differ from what the API server makes of it", () => {
    eachOf(100, (item) => {
      expect(firstDifference(item, asObserved(item))).toBeUndefined();
    });
  });

  test("differs wherever somebody changes or removes one of its values", () => {
    eachOf(15, (item) => {
      for (const path of leavesOf(item).filter(([first]) => first !== "apiVersion")) {
        const changed = structuredClone(item);
        setAt(changed, path, "changed by somebody");
        expect(firstDifference(item, changed)).toContain("wanted");
      }
    });
  });
});

function leavesOf(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return value === undefined ? [] : [[]];
  return Object.entries(value).flatMap(([name, member]) =>
    leavesOf(member).map((rest) => [name, ...rest]),
  );
}

function setAt(value: unknown, [name = "", ...rest]: string[], wish: unknown): void {
  const members = value as Record<string, unknown>;
  if (rest.length === 0) members[name] = wish;
  else setAt(members[name], rest, wish);
}
