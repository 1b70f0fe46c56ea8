import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../src/lib/index.ts";
import { publicationNames } from "../../../src/table/index.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { becomes, eventually, installDefinitions, OperatorBench } from "./operator-bench.ts";

// The definitions are the whole cluster's, so these tests share it with no others.
const controlPlane = useControlPlane({}, installDefinitions);
const names = publicationNames("default");

let bench: OperatorBench;

beforeEach(async () => {
  bench = await OperatorBench.open(controlPlane());
});

afterEach(() => bench.close());

const routes = async () => Object.keys((await bench.table())?.routes ?? {}).toSorted();

test("of two operators one leads and alone writes; when it stops the other goes on", async () => {
  const first = await bench.start("operator-one");
  await eventually(() => Promise.resolve(first.isLeading()), Boolean);
  const writesOfTwo: string[] = [];
  const connection = bench.connect(({ method, path }) => {
    if (method !== "GET") writesOfTwo.push(`${method} ${path}`);
  });
  const second = await bench.start("operator-two", { connection });
  await eventually(() => Promise.resolve(second.isReady()), Boolean);
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat");
  await becomes(routes, ["chat"]);
  expect([first.isLeading(), second.isLeading()]).toEqual([true, false]);
  expect(writesOfTwo).toEqual([]);
  await first.stop();
  await bench.apply("ModelRoute", "sums");
  await becomes(routes, ["chat", "sums"]);
  expect(second.isLeading()).toBe(true);
});

test("a leader whose Lease is taken from it writes no more and says that it has lost", async () => {
  const operator = await bench.start("operator-one");
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat");
  await becomes(routes, ["chat"]);
  const lease = await bench.read("Lease", "switchyard-operator");
  await bench.admin.json({
    method: "PATCH",
    path: `/apis/coordination.k8s.io/v1/namespaces/${bench.namespace}/leases/switchyard-operator`,
    contentType: "application/merge-patch+json",
    body: { spec: { ...(lease?.["spec"] as object), holderIdentity: "somebody else" } },
  });
  await operator.whenLost;
  expect(operator.isLeading()).toBe(false);
  bench.calls.length = 0;
  await bench.apply("ModelRoute", "sums");
  await sleep(1_000);
  expect(bench.writes()).toEqual([]);
  expect(await routes()).toEqual(["chat"]);
});

test("an API server that goes and comes again finds the operator at work, or whoever comes after it", async () => {
  const first = await bench.start("operator-one");
  // A leader that cannot renew in time exits, and the kubelet starts it anew.
  const successor = first.whenLost.then(() => bench.start("operator-two"));
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat");
  await becomes(routes, ["chat"]);
  const before = await bench.table();
  await controlPlane().stopApiServer();
  await sleep(2_000);
  await controlPlane().startApiServer();
  expect(await bench.table()).toEqual(before);
  await eventually(() => bench.apply("ModelRoute", "sums").then(Boolean, () => false), Boolean);
  await becomes(routes, ["chat", "sums"]);
  if (!first.isLeading()) await successor;
}, 120_000);

test("while a definition is gone nothing is deleted or published, nor for a while after", async () => {
  let skippedMs = 0;
  const clock = { ...systemClock, now: () => Date.now() + skippedMs };
  await bench.start("operator-one", {}, clock);
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat");
  await bench.apply("ModelRoute", "sums");
  await becomes(routes, ["chat", "sums"]);
  const before = await bench.table();
  const { kubectl } = controlPlane();
  await kubectl(["delete", "crd", "modelroutes.switchyard.dev", "modelbackends.switchyard.dev"]);
  await sleep(2_000);
  expect(await bench.table()).toEqual(before);
  expect((await bench.configMap(names.anchor))?.metadata.deletionTimestamp).toBeUndefined();

  await installDefinitions(controlPlane());
  await sleep(17_000);
  expect(await bench.table()).toEqual(before);
  expect(await bench.configMap(names.anchor)).toBeDefined();

  // Whoever brings the definitions back brings the resources back, and that is believed at once.
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat", {
    models: ["edited"],
    selection: { type: "Ordered" },
    candidates: [{ backend: { name: "nova" } }],
  });
  await sleep(1_000);
  expect(await bench.table()).toEqual(before);
  skippedMs = 301_000;
  await becomes(routes, ["chat"]);
}, 120_000);
