import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pathOf, resourceTypes } from "../../../src/kube/index.ts";
import { operatorConfig, type RunningOperator } from "../../../src/operator/index.ts";
import { leaderLeaseOf } from "../../../src/operator/leader-lease.ts";
import { publicationNames } from "../../../src/table/index.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { becomes, eventually, installDefinitions, OperatorBench } from "./operator-bench.ts";

// One of these operators watches every namespace, so these tests share the cluster with no others.
const controlPlane = useControlPlane({}, installDefinitions);
const names = publicationNames("default");

let bench: OperatorBench;

beforeEach(async () => {
  bench = await OperatorBench.open(controlPlane());
});

afterEach(() => bench.close());

const routes = async () => Object.keys((await bench.table())?.routes ?? {}).toSorted();
const leads = (operator: RunningOperator) =>
  eventually(() => Promise.resolve(operator.isLeading()), Boolean);

/** Which operator's image the routers run: two that undo each other's work disagree here. */
async function image(): Promise<string | undefined> {
  const deployment = await bench.read("Deployment", names.anchor);
  const spec = deployment?.["spec"] as
    | { template: { spec: { containers: { image: string }[] } } }
    | undefined;
  return spec?.template.spec.containers[0]?.image;
}

const left = async (operator: RunningOperator) =>
  /^switchyard_operator_namespaces_left (\d+)$/m.exec(await operator.metricsText())?.[1];

/** An operator of a release of its own. */
async function start(release: string, { ofAll = false } = {}) {
  const writes: string[] = [];
  const connection = bench.connect(({ method, path }) => {
    if (method !== "GET" && !path.includes("/leases")) writes.push(`${method} ${path}`);
  });
  const config = operatorConfig.parse({
    image: release,
    leaseName: release,
    ...(ofAll ? {} : { namespace: bench.namespace }),
  });
  const operator = await bench.start(`${release}-0`, { connection, config });
  await leads(operator);
  return { operator, writes };
}

test("two operators of one namespace: the older keeps it, the younger says so, and takes over when the older is gone", async () => {
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat");
  const older = await start("one");
  await becomes(image, "one");
  const younger = await start("two");
  await becomes(() => left(younger.operator), "1");
  await eventually(
    () => bench.events(),
    (events) => events.some((event) => event.endsWith(" TwoOperators")),
  );
  await bench.apply("ModelRoute", "sums");
  await becomes(routes, ["chat", "sums"]);
  expect(await image()).toBe("one");
  expect(younger.writes.filter((call) => !call.includes("/events"))).toEqual([]);
  expect([older.operator.isLeading(), younger.operator.isLeading()]).toEqual([true, true]);

  await older.operator.stop();
  const lease = pathOf(resourceTypes.Lease, { namespace: bench.namespace, name: "one" });
  await bench.admin.json({ method: "DELETE", path: lease });
  await becomes(image, "two");
  await bench.apply("ModelRoute", "more");
  await becomes(routes, ["chat", "more", "sums"]);
  expect(await left(younger.operator)).toBe("0");
}, 120_000);

test("the Lease that a killed operator left behind is waited for until it has run out, and no Event tells of two", async () => {
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat");
  const { namespace } = bench;
  const { name, mark } = leaderLeaseOf({ namespace, leaseName: "killed" }, namespace);
  const spec = {
    holderIdentity: "killed-0",
    leaseDurationSeconds: 2,
    renewTime: "2026-01-01T00:00:00.000000Z",
  };
  await bench.admin.json({
    method: "POST",
    path: pathOf(resourceTypes.Lease, { namespace }),
    body: {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name, namespace, ...mark },
      spec,
    },
  });
  // A second, so that the dead one's Lease is the older.
  await sleep(1_100);
  const { operator } = await start("next");
  await becomes(routes, ["chat"]);
  await becomes(image, "next");
  expect(await left(operator)).toBe("0");
  expect((await bench.events()).filter((event) => event.endsWith(" TwoOperators"))).toEqual([]);
});

test("an operator of all namespaces leaves one to the operator of its own, and goes on with the others", async () => {
  const other = await OperatorBench.open(controlPlane());
  try {
    for (const each of [bench, other]) {
      await each.apply("ModelBackend", "nova");
      await each.apply("ModelRoute", "chat");
    }
    const wide = await start("wide", { ofAll: true });
    await becomes(image, "wide");
    const close = await start("close");
    await becomes(image, "close");
    await eventually(
      async () => Number(await left(wide.operator)),
      (count) => count > 0,
    );
    wide.writes.length = 0;
    await bench.apply("ModelRoute", "sums");
    await other.apply("ModelRoute", "sums");
    await becomes(routes, ["chat", "sums"]);
    await becomes(
      async () => Object.keys((await other.table())?.routes ?? {}).toSorted(),
      ["chat", "sums"],
    );
    expect(await image()).toBe("close");
    expect(wide.writes.filter((path) => path.includes(`/${bench.namespace}/`))).toEqual([]);
    expect(close.writes.filter((path) => path.includes(`/${other.namespace}/`))).toEqual([]);
  } finally {
    await other.close();
  }
}, 120_000);
