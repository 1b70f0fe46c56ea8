import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pathOf, resourceTypes, type KubeCall, type KubeObject } from "../../../src/kube/index.ts";
import {
  bucketOf,
  publicationKeys,
  publicationNames,
  type RoutingTable,
} from "../../../src/table/index.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { modelFile } from "../../support/model-file.ts";
import { permissions, type PolicyRule } from "../../support/policy-rules.ts";
import { reply } from "../../support/router-parts.ts";
import { permissionsOf } from "../chart/call-permissions.ts";
import { becomes, eventually, installDefinitions, OperatorBench } from "./operator-bench.ts";
import { publish, RouterBench } from "./router-bench.ts";
import { routeSpec } from "./sample-specs.ts";

const controlPlane = useControlPlane({}, installDefinitions);
const names = publicationNames("default");

let bench: OperatorBench;
let routers: RouterBench[];

beforeEach(async () => {
  bench = await OperatorBench.open(controlPlane());
  routers = [];
});

afterEach(async () => {
  await Promise.all(routers.map((router) => router.close()));
  await bench.close();
});

const open = (name: string) => ({ ...routeSpec(name), access: "Anonymous" });

/** An operator that has published the route chat, and everything that its routers need. */
async function serveChat() {
  const operator = await bench.start();
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat", open("chat"));
  await eventually(() => bench.table(), Boolean);
  await eventually(() => bench.read("RoleBinding", names.anchor), Boolean);
  return operator;
}

async function startRouter(...[name, options]: [string, Parameters<typeof RouterBench.start>[2]?]) {
  const router = await RouterBench.start(bench, name, options);
  routers.push(router);
  return router;
}

const digest = async () => (await bench.pointer())?.digest;
const isReady = (router: RouterBench) => async () => (await router.readyz()).code === 200;

async function publishedTable(): Promise<RoutingTable> {
  const table = await bench.table();
  if (table === undefined) throw new Error("No table was published");
  return table;
}

/** The table with another route, which is in no other bucket than its name says. */
function withRoute(table: RoutingTable, name: string, model = name): RoutingTable {
  const [route] = Object.values(table.routes);
  if (route === undefined) throw new Error("The table has no route");
  return { ...table, routes: { ...table.routes, [name]: { ...route, name, models: [model] } } };
}

/** The table whose routes are all judged by a model of the group's own. */
const withClassifier = (table: RoutingTable, classifier: string): RoutingTable => ({
  ...table,
  routes: Object.fromEntries(
    Object.entries(table.routes).map(([name, route]) => [name, { ...route, classifier }]),
  ),
});

const writeSlot = (name: string, binaryData: object) =>
  bench.admin.json({
    method: "PATCH",
    path: pathOf(resourceTypes.ConfigMap, { namespace: bench.namespace, name }),
    contentType: "application/merge-patch+json",
    body: { binaryData },
  });

describe("a router in a cluster", () => {
  test("is ready with its first table, acknowledges it as its pod's, and takes an edit by one slot", async () => {
    await serveChat();
    const router = await startRouter("router-a");
    await eventually(isReady(router), Boolean);
    expect(await router.ask("chat")).toBe(200);
    await becomes(router.acknowledged, await digest());
    const pod = await bench.read("Pod", "router-a");
    expect(await router.lease()).toMatchObject({
      metadata: {
        labels: {
          "app.kubernetes.io/managed-by": "switchyard",
          "switchyard.dev/router-class": "default",
        },
        ownerReferences: [{ kind: "Pod", name: "router-a", uid: pod?.metadata.uid }],
      },
      spec: { holderIdentity: "router-a", leaseDurationSeconds: 45 },
    });
    await router.setReady();
    const { kubectl } = controlPlane();
    const wait = ["wait", "-n", bench.namespace, "--for=condition=Programmed", "--timeout=30s"];
    await kubectl([...wait, "modelroute/chat"]);

    router.calls.length = 0;
    await bench.apply("ModelRoute", "chat", { ...open("chat"), models: ["edited"] });
    await eventually(
      () => router.ask("edited"),
      (status) => status === 200,
    );
    expect(await router.ask("chat")).toBe(404);
    // What the operator writes on the pointer tells how long the edit's table was on its way, and no first table's.
    expect(router.loads.map(({ propagationMs }) => propagationMs)).toEqual([
      null,
      expect.any(Number),
    ]);
    await becomes(router.acknowledged, await digest());
    const slot = (await bench.pointer())?.buckets[bucketOf("routes", "chat")]?.slot ?? "A";
    const read = router.calls.filter(({ method }) => method === "GET").map(({ path }) => path);
    expect(read.map((path) => path.split("/").at(-1))).toEqual([
      names.slot(bucketOf("routes", "chat"), slot),
    ]);
    await becomes(async () => (await bench.status("ModelRoute", "chat"))?.programmed, "1/1");
  });

  test("without any right is alive, not ready, and says why", async () => {
    await controlPlane().kubectl(["-n", bench.namespace, "create", "serviceaccount", "powerless"]);
    const router = await startRouter("router-a", { serviceAccount: "powerless" });
    const answer = await eventually(router.readyz, ({ problems }) => problems.length > 0);
    expect(answer).toMatchObject({ code: 503, status: "waiting for a table", digest: null });
    expect(answer.problems).toEqual([
      expect.stringMatching(/^The table cannot be watched: .*forbidden/),
    ]);
    expect(await router.ask("chat")).toBe(503);
    expect(await router.lease()).toBeUndefined();
  });

  test("refuses a corrupt slot, keeps what it has and says so, until an operator has mended it", async () => {
    const operator = await serveChat();
    const router = await startRouter("router-a");
    await router.setReady();
    await eventually(isReady(router), Boolean);
    const old = await digest();
    await becomes(router.acknowledged, old);
    await operator.stop();

    const home = bucketOf("routes", "chat");
    const slot = names.slot(home, (await bench.pointer())?.buckets[home]?.slot === "A" ? "B" : "A");
    const edited = withRoute(await publishedTable(), "chat", "edited");
    await publish(bench, edited, () => writeSlot(slot, { [publicationKeys.bucket]: "H4sIAAAA" }));
    const told = await eventually(router.acknowledged, (each) => each?.includes(": ") ?? false);
    expect(told).toContain(`${old}: ${slot}: `);
    const answer = await router.readyz();
    expect(answer).toMatchObject({ code: 200, status: "ready", digest: old });
    expect(answer.problems).toEqual([expect.stringContaining(slot)]);
    expect(await router.ask("chat")).toBe(200);

    await bench.start("operator-two");
    await becomes(router.acknowledged, old);
    expect(await router.ask("chat")).toBe(200);
    await becomes(async () => (await router.readyz()).problems, []);
    await becomes(() => bench.condition("ModelRoute", "chat", "Programmed"), "True Programmed");
  });

  test("serves on without a pointer, and follows the one that is written again", async () => {
    const operator = await serveChat();
    const router = await startRouter("router-a");
    await eventually(isReady(router), Boolean);
    await operator.stop();
    const path = pathOf(resourceTypes.ConfigMap, {
      namespace: bench.namespace,
      name: names.pointer,
    });
    await bench.admin.json({ method: "DELETE", path });
    await becomes(digest, undefined);
    expect(await router.ask("chat")).toBe(200);
    expect(await router.readyz()).toMatchObject({ code: 200, problems: [] });
    await bench.apply("ModelRoute", "more", open("more"));
    await bench.start("operator-two");
    await eventually(
      () => router.ask("more"),
      (status) => status === 200,
    );
    await becomes(router.acknowledged, await digest());
  });

  test("that stops goes on acknowledging while it drains, and asks nothing of the API server afterwards", async () => {
    await serveChat();
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const chat = async () => {
      asked.resolve();
      await answered.promise;
      return reply();
    };
    const router = await startRouter("router-a", { script: { chat } });
    await eventually(isReady(router), Boolean);
    const answer = router.ask("chat");
    await asked.promise;
    const stopped = router.stop();
    await bench.apply("ModelRoute", "chat", { ...open("chat"), models: ["edited"] });
    await eventually(
      () => bench.table(),
      (table) => table?.routes["chat"]?.models[0] === "edited",
    );
    await becomes(router.acknowledged, await digest());
    answered.resolve();
    expect(await answer).toBe(200);
    await stopped;
    const calls = router.calls.length;
    await bench.apply("ModelRoute", "chat", { ...open("chat"), models: ["again"] });
    await eventually(
      () => bench.table(),
      (table) => table?.routes["chat"]?.models[0] === "again",
    );
    expect(router.calls).toHaveLength(calls);
  });
});

/** Held for what does not happen here. */
const inReserve = (permission: string): boolean =>
  // A server that does not stream listings is asked for them.
  permission === `list /configmaps ${names.pointer}`;

/** With the name of the one object that a call is about, where RBAC is asked for it. */
function namedPermissionsOf(call: KubeCall): string[] {
  const selected = /^metadata\.name=(.*)$/.exec(call.query?.["fieldSelector"] ?? "")?.[1];
  const name = selected ?? call.path.split("/").at(-1);
  return permissionsOf(call).map((each) => (each.includes("leases") ? each : `${each} ${name}`));
}

test("the Role of routers is what a router uses, no more and no less", async () => {
  const operator = await serveChat();
  await operator.stop();
  const router = await startRouter("router-a");
  await eventually(isReady(router), Boolean);
  // Tables in which every bucket has a route, and then another one: both slots of each are read, and of a model.
  const inEveryBucket = Array.from({ length: 400 }, (_, index) => `route-${index}`);
  const table = await publishedTable();
  for (const [index, edit] of ["first", "second", "third"].entries()) {
    const classifier = modelFile(index + 1);
    const routes = inEveryBucket.map((name): [string, string] => [name, `${edit}-${name}`]);
    const judged = withClassifier(table, classifier.digest);
    const next = routes.reduce((all, [name, model]) => withRoute(all, name, model), judged);
    const pointer = await publish(bench, next, undefined, gzipSync(classifier.bytes));
    await becomes(router.acknowledged, pointer.digest);
  }
  const why = "the drift job has not run yet";
  expect(await router.lookAtDrift()).toEqual({ kind: "none", why });
  // What is refused is looked at again.
  const path = pathOf(resourceTypes.ConfigMap, { namespace: bench.namespace, name: names.pointer });
  await bench.admin.json({
    method: "PATCH",
    path,
    contentType: "application/merge-patch+json",
    body: { data: { [publicationKeys.pointer]: "{" } },
  });
  await eventually(router.acknowledged, (told) => told?.includes(": ") ?? false);

  const listing = `/api/v1/namespaces/${bench.namespace}/configmaps`;
  const asRouter = (query: string) =>
    controlPlane().kubectl([
      `--as=system:serviceaccount:${bench.namespace}:${names.anchor}`,
      "get",
      "--raw",
      `${listing}${query}`,
    ]);
  expect(await asRouter(`?fieldSelector=metadata.name%3D${names.pointer}`)).toContain(
    names.pointer,
  );
  await expect(asRouter("")).rejects.toThrow(/forbidden/i);
  await expect(asRouter(`/${names.anchor}`)).rejects.toThrow(/forbidden/i);

  const role = await bench.read<KubeObject & { rules: PolicyRule[] }>("Role", names.anchor);
  const held = permissions(role?.rules ?? []);
  const used = new Set(router.calls.flatMap(namedPermissionsOf));
  expect(router.lines.filter((line) => /forbidden/i.test(line))).toEqual([]);
  expect([...used].filter((permission) => !held.includes(permission))).toEqual([]);
  expect(held.filter((permission) => !used.has(permission) && !inReserve(permission))).toEqual([]);
});

test("routers serve on while the API server is away, also those that start meanwhile, and follow it afterwards", async () => {
  await serveChat();
  const [one, two] = [await startRouter("router-a"), await startRouter("router-b")];
  for (const router of [one, two]) {
    await eventually(isReady(router), Boolean);
    await becomes(router.acknowledged, await digest());
  }
  await controlPlane().stopApiServer();
  try {
    await two.restart();
    for (const router of [one, two]) {
      const answer = await eventually(router.readyz, ({ problems }) => problems.length > 0);
      expect(answer).toMatchObject({ code: 200, status: "ready" });
      expect(answer.problems[0]).toMatch(/^The table cannot be watched: /);
      expect(await router.ask("chat")).toBe(200);
    }
  } finally {
    await controlPlane().startApiServer();
  }
  // A leader that could not renew its Lease for long enough has ended: the kubelet starts another.
  await bench.start("operator-two");
  await eventually(
    () =>
      bench.apply("ModelRoute", "chat", { ...open("chat"), models: ["edited"] }).catch(() => null),
    Boolean,
  );
  for (const router of [one, two]) {
    await eventually(
      () => router.ask("edited"),
      (status) => status === 200,
    );
    await becomes(router.acknowledged, await digest());
    await becomes(async () => (await router.readyz()).problems, []);
  }
});
