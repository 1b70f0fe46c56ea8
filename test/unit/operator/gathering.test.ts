import { describe, expect, test } from "vitest";
import { Store, type KubeObject } from "../../../src/kube/index.ts";
import { GroupCompiler } from "../../../src/operator/compiled-group.ts";
import { gather } from "../../../src/operator/gather.ts";
import { carryManifest } from "../../../src/operator/manifest-of.ts";
import { operatorConfig } from "../../../src/operator/operator-config.ts";
import {
  isSameContent,
  trimConfigMap,
  trimLease,
  trimPod,
  trimResource,
  type WatchedConfigMap,
} from "../../../src/operator/trim.ts";
import { contentDigest, groupLabels, packBucket } from "../../../src/table/index.ts";

const { classes } = operatorConfig.parse({ image: "switchyard:test" });

const route = (name: string, spec: object = {}, metadata = {}): KubeObject => ({
  apiVersion: "switchyard.dev/v1alpha1",
  kind: "ModelRoute",
  metadata: { name, namespace: "models", uid: `uid-${name}`, generation: 1, ...metadata },
  spec: {
    models: [name],
    selection: { type: "Ordered" },
    candidates: [{ backend: { name: "nova" } }],
    ...spec,
  },
});

const anchor = (routerClass: string, metadata = {}): WatchedConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: {
    name: `switchyard-${routerClass}`,
    namespace: "models",
    labels: { [groupLabels.routerClass]: routerClass },
    ...metadata,
  },
});

function watchedOf(routes: readonly KubeObject[], configMaps: readonly WatchedConfigMap[] = []) {
  const watched = {
    resources: { ModelBackend: new Store(), ModelRoute: new Store(), TenantPolicy: new Store() },
    configMaps: new Store<WatchedConfigMap>(),
    held: new Store(),
  };
  for (const each of routes) watched.resources.ModelRoute.put(each);
  for (const each of configMaps) watched.configMaps.put(each);
  return watched;
}

describe("gathering", () => {
  test("takes the namespace's own resources, and the groups whose class is configured", () => {
    const watched = watchedOf([
      route("chat"),
      route("gold", { routerClass: "gold" }),
      route("elsewhere", {}, { namespace: "other" }),
    ]);
    const inputs = gather(watched, "models", classes);
    expect(inputs.manifests.map(({ metadata }) => metadata.name)).toEqual(["chat", "gold"]);
    expect(inputs.groups).toEqual([{ namespace: "models", routerClass: "default" }]);
    expect(inputs.findings).toMatchObject([
      { reason: "ClassNotFound", path: "spec.routerClass", ref: { name: "gold" } },
    ]);
    expect(inputs.findings[0]?.message).toContain("(there is default)");
  });

  test("names the groups whose last route is gone, and no ConfigMap but their anchors", () => {
    const configMaps = [
      anchor("default"),
      anchor("old"),
      anchor("old", { name: "switchyard-old-table" }),
      anchor("going", { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    ];
    const { abandoned } = gather(watchedOf([route("chat")], configMaps), "models", classes);
    expect(abandoned.map(({ routerClass }) => routerClass)).toEqual(["old"]);
  });

  test("never takes a group for abandoned whose class merely is not configured any more", () => {
    const watched = watchedOf([route("gold", { routerClass: "gold" })], [anchor("gold")]);
    expect(gather(watched, "models", classes).abandoned).toEqual([]);
  });

  test("gives the same manifest for the same object, and for one whose status alone is new", () => {
    const before = route("chat");
    const watched = watchedOf([before]);
    const [first] = gather(watched, "models", classes).manifests;
    expect(gather(watched, "models", classes).manifests[0]).toBe(first);
    const after = { ...before, status: { observedGeneration: 1 } };
    carryManifest(before, after);
    watched.resources.ModelRoute.put(after);
    expect(gather(watched, "models", classes).manifests[0]).toBe(first);
  });
});

test("a group is compiled again only where something that goes into it is another", () => {
  const compiler = new GroupCompiler();
  const { manifests, groups } = gather(watchedOf([route("chat")]), "models", classes);
  const [group] = groups;
  const settings = classes["default"];
  if (group === undefined || settings === undefined) throw new Error("There is no group");
  const first = compiler.compile({ group, manifests, settings, published: undefined });
  expect(
    compiler.compile({ group, manifests: [...manifests], settings, published: undefined }),
  ).toBe(first);
  const other = compiler.compile({ group, manifests, settings, published: first.table });
  expect(other).not.toBe(first);
  expect(compiler.compile({ group, manifests: [], settings, published: first.table })).not.toBe(
    other,
  );
});

describe("what is kept of watched objects", () => {
  const managedFields = [
    { manager: "switchyard-operator", time: "1" },
    { manager: "switchyard-operator", subresource: "status", time: "2" },
    { manager: "kubectl", time: "3" },
  ];

  test("of a resource not what kubectl notes on it, nor who owns its fields", () => {
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "{}", team: "a" };
    const trimmed = trimResource(route("chat", {}, { managedFields, annotations }));
    expect(trimmed.metadata).not.toHaveProperty("managedFields");
    expect(trimmed.metadata.annotations).toEqual({ team: "a" });
    expect(trimmed["spec"]).toEqual(route("chat")["spec"]);
  });

  test("of a slot the digest of what it holds, of a pointer its text, of an anchor what we own", () => {
    const bytes = Buffer.from('{"backends":{}}');
    const packed = packBucket(bytes);
    if (!packed.ok) throw new Error(packed.error.message);
    const slot = (base64: string) =>
      trimConfigMap({ ...anchor("default"), binaryData: { "bucket.json.gz": base64 } });
    expect(slot(Buffer.from(packed.value).toString("base64"))).toMatchObject({
      contentDigest: contentDigest(bytes),
    });
    expect(slot("bm8gZ3ppcA==")).toMatchObject({ contentDigest: "" });
    expect(trimConfigMap({ ...anchor("default"), data: { "pointer.json": "{}" } }).pointer).toBe(
      "{}",
    );
    const kept = trimConfigMap(anchor("default", { managedFields }));
    expect(kept.metadata).toMatchObject({ managedFields: [managedFields[0]] });
  });

  test("of a pod whether it is ready", () => {
    const pod = (status?: object) =>
      trimPod({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, status }).ready;
    expect(pod({ conditions: [{ type: "Ready", status: "True" }] })).toBe(true);
    expect(pod({ conditions: [{ type: "Ready", status: "False" }] })).toBe(false);
    expect(pod({})).toBe(false);
    expect(pod()).toBe(false);
  });

  test("of a Lease nothing that its renewal changes", () => {
    const lease = (renewTime: string, resourceVersion: string) =>
      trimLease({
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: "a", resourceVersion },
        spec: { renewTime },
      });
    expect(isSameContent(lease("1", "1"), lease("2", "2"))).toBe(true);
  });
});
