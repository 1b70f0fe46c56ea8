// With the controllers that carry out what an owner's or a namespace's deletion means.
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KubeObject, resourceTypes } from "../../../src/kube/index.ts";
import { publicationNames } from "../../../src/table/index.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { becomes, eventually, installDefinitions, OperatorBench } from "./operator-bench.ts";
import { routeSpec } from "./sample-specs.ts";

const controlPlane = useControlPlane(
  {
    controllers: [
      "garbage-collector-controller",
      "namespace-controller",
      "resourcequota-controller",
    ],
  },
  installDefinitions,
);
const names = publicationNames("default");
const kinds = [
  "ServiceAccount",
  "Role",
  "RoleBinding",
  "NetworkPolicy",
  "Service",
  "PodDisruptionBudget",
  "Deployment",
  "HorizontalPodAutoscaler",
] as const;

let bench: OperatorBench;

beforeEach(async () => {
  bench = await OperatorBench.open(controlPlane());
});

afterEach(() => bench.close());

const kubectl = (...words: string[]) =>
  controlPlane().kubectl(["--namespace", bench.namespace, ...words]);
const modelsOf = (name: string) => async () => (await bench.table())?.routes[name]?.models;

async function serveChat(): Promise<void> {
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat");
  await becomes(modelsOf("chat"), ["chat"]);
  await eventually(() => bench.read("HorizontalPodAutoscaler", names.anchor), Boolean);
}

/** Waits until another object than the one before stands under the group's name. */
const another = async (kind: keyof typeof resourceTypes, before: KubeObject | undefined) =>
  eventually(
    () => bench.read(kind, names.anchor),
    (found) => found !== undefined && found.metadata.uid !== before?.metadata.uid,
  );

const ownersOf = async (kind: keyof typeof resourceTypes, name: string = names.anchor) =>
  (await bench.read(kind, name))?.metadata.ownerReferences?.map(({ uid }) => uid);

describe("whoever deletes", () => {
  test.each(kinds)("the %s of a group gets it back", async (kind) => {
    await bench.start();
    await serveChat();
    const before = await bench.read(kind, names.anchor);
    await kubectl("delete", kind, names.anchor);
    await another(kind, before);
  });

  test("the anchor, and with it everything, gets all of it back, and the table as it was", async () => {
    await bench.start();
    await serveChat();
    const table = await bench.table();
    const before = await bench.configMap(names.anchor);
    await kubectl("delete", "configmap", names.anchor);
    const anchor = await another("ConfigMap", before);
    const owners = [anchor?.metadata.uid];
    for (const kind of kinds) await becomes(() => ownersOf(kind), owners);
    for (const name of [names.pointer, names.slot(0, "A"), names.slot(31, "A")])
      await becomes(() => ownersOf("ConfigMap", name), owners);
    await becomes(() => bench.table(), table);
  });

  test("an anchor that something holds sees routers serve on, and a whole group once it is let go", async () => {
    await bench.start();
    await serveChat();
    const hold = (finalizers: string[]) =>
      kubectl(
        "patch",
        "configmap",
        names.anchor,
        "--type=merge",
        `--patch=${JSON.stringify({ metadata: { finalizers } })}`,
      );
    await hold(["example.com/hold"]);
    const before = await bench.configMap(names.anchor);
    await kubectl("delete", "configmap", names.anchor, "--wait=false");
    await becomes(() => bench.condition("ModelRoute", "chat", "Programmed"), "False ApplyFailed");
    await bench.apply("ModelRoute", "chat", { ...routeSpec("chat"), models: ["edited"] });
    await sleep(1_000);
    expect(await modelsOf("chat")()).toEqual(["chat"]);
    await hold([]);
    const anchor = await another("ConfigMap", before);
    await becomes(modelsOf("chat"), ["edited"]);
    for (const kind of kinds) await becomes(() => ownersOf(kind), [anchor?.metadata.uid]);
  });

  test("a namespace leaves nothing to its namesake: neither forms of routes nor a table without slots", async () => {
    const errors: string[] = [];
    const log = { debug() {}, info() {}, warn() {}, error: (text: string) => errors.push(text) };
    await bench.start("operator-one", { log, namespace: "default" });
    await serveChat();
    const { kubectl: admin } = controlPlane();
    await admin(["delete", "namespace", bench.namespace]);
    await eventually(
      () => bench.configMap(names.anchor),
      (found) => found === undefined,
    );
    // Nothing is wrong: the namespace was to go.
    expect(errors).toEqual([]);
    await admin(["create", "namespace", bench.namespace]);
    bench.calls.length = 0;
    await bench.apply("ModelBackend", "nova");
    const paused = { annotations: { "switchyard.dev/paused": "true" } };
    await bench.apply("ModelRoute", "chat", { ...routeSpec("chat"), models: ["new"] }, paused);
    await bench.apply("ModelRoute", "sums");
    await becomes(modelsOf("sums"), ["sums"]);
    expect(await modelsOf("chat")()).not.toEqual(["chat"]);
    const [pointer] = bench
      .writes()
      .flatMap((call, at) => (call.endsWith(names.pointer) ? [at] : []));
    expect(
      bench
        .writes()
        .slice(0, pointer)
        .filter((call) => call.includes("bucket")),
    ).toHaveLength(32);
  });
});

test("a quota that leaves no room is named on the route, for the table as for a Deployment", async () => {
  const path = `/api/v1/namespaces/${bench.namespace}/resourcequotas`;
  const hard = { "count/configmaps": "5", "count/deployments.apps": "0" };
  await bench.admin.json({
    method: "POST",
    path,
    body: { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "tight" }, spec: { hard } },
  });
  await eventually(
    () => bench.admin.json<KubeObject>({ method: "GET", path: `${path}/tight` }),
    (quota) => "hard" in (quota["status"] as object),
  );
  await bench.start();
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat");
  await becomes(() => bench.condition("ModelRoute", "chat", "Programmed"), "False NotPublished");
  const status = await bench.status("ModelRoute", "chat");
  expect(status?.conditions.find(({ type }) => type === "Programmed")?.message).toMatch(
    /^The table could not be published, and routers keep what they have: ResourceQuota tight leaves no room \(.+\): raise it, or free some of it\.$/,
  );
  await eventually(
    () => bench.events(),
    (events) => events.filter((event) => event === "chat QuotaExceeded").length === 2,
  );
});
