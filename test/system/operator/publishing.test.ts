import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  pathOf,
  resourceTypes,
  type Connection,
  type KubeCall,
  type KubeObject,
} from "../../../src/kube/index.ts";
import { durationMs, systemClock } from "../../../src/lib/index.ts";
import { publicationKeys, publicationNames } from "../../../src/table/index.ts";
import { operatorConfig } from "../../../src/operator/index.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { becomes, eventually, installDefinitions, OperatorBench } from "./operator-bench.ts";
import { routeSpec, specs } from "./sample-specs.ts";

const controlPlane = useControlPlane({}, installDefinitions);
const names = publicationNames("default");

let bench: OperatorBench;

beforeEach(async () => {
  bench = await OperatorBench.open(controlPlane());
});

afterEach(() => bench.close());

const routes = async () => Object.keys((await bench.table())?.routes ?? {}).toSorted();
const modelsOf = (name: string) => async () => (await bench.table())?.routes[name]?.models;
const settled = () => eventually(quiet, (isQuiet) => isQuiet);

/** Whether nothing was written for longer than anything is put off. */
async function quiet(): Promise<boolean> {
  bench.calls.length = 0;
  await sleep(2_500);
  return bench.writes().length === 0;
}

async function serveChat(): Promise<void> {
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat");
  await becomes(routes, ["chat"]);
}

const replaceInConfigMap = (name: string, body: object): Promise<unknown> =>
  bench.admin.json({
    method: "PATCH",
    path: pathOf(resourceTypes.ConfigMap, { namespace: bench.namespace, name }),
    contentType: "application/merge-patch+json",
    body,
  });

describe("a group", () => {
  test("gets its table and its objects, all owned by its anchor", async () => {
    await bench.start();
    await serveChat();
    await bench.apply("TenantPolicy", "team");
    const table = await eventually(
      () => bench.table(),
      (each) => each?.tenants["team"] !== undefined,
    );
    expect(table).toMatchObject({
      group: { namespace: bench.namespace, routerClass: "default" },
      backends: { nova: { target: { modelId: "amazon.nova-lite-v1:0" } } },
      routes: { chat: { models: ["chat"], candidates: [{ backend: "nova" }] } },
    });
    await eventually(() => bench.read("HorizontalPodAutoscaler", names.anchor), Boolean);
    const anchor = await bench.configMap(names.anchor);
    for (const kind of ["Deployment", "Service", "Role"] as const) {
      const object = await bench.read(kind, names.anchor);
      expect(object?.metadata.ownerReferences).toMatchObject([{ uid: anchor?.metadata.uid }]);
    }
    const pointer = await bench.configMap(names.pointer);
    expect(pointer?.metadata.ownerReferences).toMatchObject([{ uid: anchor?.metadata.uid }]);
  });

  test("whose Service is somebody else's says so on its routes and in an Event, and is published all the same", async () => {
    await bench.admin.json({
      method: "POST",
      path: pathOf(resourceTypes.Service, { namespace: bench.namespace }),
      body: { metadata: { name: names.anchor }, spec: { ports: [{ port: 80 }] } },
    });
    await bench.start();
    await serveChat();
    await becomes(() => bench.condition("ModelRoute", "chat", "Programmed"), "False ApplyFailed");
    const status = await bench.status("ModelRoute", "chat");
    const programmed = status?.conditions.find(({ type }) => type === "Programmed");
    expect(programmed?.message).toContain(
      `Service ${bench.namespace}/${names.anchor} is there already`,
    );
    await eventually(
      () => bench.events(),
      (events) => events.some((event) => event.endsWith(" Taken")),
    );
    expect(await bench.read("Deployment", names.anchor)).toBeDefined();
  });

  test("keeps its pods whatever an edit does to its table, timeouts of any length among it", async () => {
    await bench.start();
    await serveChat();
    const made = await eventually(() => bench.read("Deployment", names.anchor), Boolean);
    const totals = async () => {
      const { routes: entries, backends } = (await bench.table()) ?? {};
      return [entries?.["chat"]?.fallback.totalTimeoutMs, backends?.["nova"]?.timeouts.totalMs];
    };
    for (const total of ["90s", "601s", "2h"]) {
      await bench.apply("ModelBackend", "nova", {
        ...specs.ModelBackend("nova"),
        timeouts: { total },
      });
      await bench.apply("ModelRoute", "chat", {
        ...routeSpec("chat"),
        fallback: { totalTimeout: total },
      });
      await becomes(totals, [durationMs(total), durationMs(total)]);
    }
    await becomes(() => bench.condition("ModelRoute", "chat", "Accepted"), "True LongerThanDrain");
    await settled();
    const after = await bench.read("Deployment", names.anchor);
    expect(after?.metadata).toMatchObject({ uid: made?.metadata.uid, generation: 1 });
    expect(after?.["spec"]).toEqual(made?.["spec"]);
  });

  test("is let go of once its last route is gone", async () => {
    await bench.start();
    await serveChat();
    await bench.remove("ModelRoute", "chat");
    await becomes(async () => (await bench.configMap(names.anchor)) === undefined, true);
  });

  test("that cannot be read says so, and keeps no other group of its namespace from its table", async () => {
    let skippedMs = 0;
    const clock = { ...systemClock, elapsed: () => systemClock.elapsed() + skippedMs };
    let isSick = true;
    const sound = bench.connect();
    const sick = publicationNames("another");
    const connection: Connection = {
      ...sound,
      json: async (call: KubeCall) => {
        if (isSick && call.path.endsWith(`/${sick.pointer}`)) throw new Error("No answer");
        return sound.json(call);
      },
    };
    const config = operatorConfig.parse({
      image: "switchyard:test",
      namespace: bench.namespace,
      classes: { another: {}, default: {} },
    });
    await bench.apply("ModelBackend", "nova");
    await bench.apply("ModelRoute", "sick", { ...routeSpec("sick"), routerClass: "another" });
    await bench.apply("ModelRoute", "chat");
    const operator = await bench.start("operator-one", { connection, config }, clock);
    await becomes(routes, ["chat"]);
    await bench.apply("ModelRoute", "chat", { ...routeSpec("chat"), models: ["edited"] });
    await becomes(modelsOf("chat"), ["edited"]);
    await becomes(() => bench.condition("ModelRoute", "chat", "Accepted"), "True Accepted");
    expect(await bench.configMap(sick.pointer)).toBeUndefined();
    const failing = async () =>
      /^switchyard_operator_groups_failing (\d+)$/m.exec(await operator.metricsText())?.[1];
    await becomes(failing, "1");
    await eventually(
      () => bench.events(),
      (events) => events.includes("sick NotReconciled"),
    );
    const reconciling = () => bench.condition("ModelRoute", "sick", "Reconciling");
    expect(await reconciling()).toBeUndefined();
    // In steps that a leader has the time to renew its Lease in.
    for (; skippedMs < 20_000; skippedMs += 5_000) await sleep(2_500);
    await bench.apply("ModelRoute", "chat");
    await becomes(reconciling, "True NotReconciled");
    expect(await bench.condition("ModelRoute", "chat", "Reconciling")).not.toMatch(/NotReconciled/);

    isSick = false;
    // By itself it would be looked after as well, once the pause after so many failures is over.
    const healed = { ...routeSpec("sick"), routerClass: "another", models: ["healed"] };
    await bench.apply("ModelRoute", "sick", healed);
    await becomes(() => bench.condition("ModelRoute", "sick", "Accepted"), "True Accepted");
    await becomes(reconciling, "True Reconciling");
    expect(await bench.configMap(sick.pointer)).toBeDefined();
    await becomes(failing, "0");
  });

  test("of a class that nobody configured is not made, and its route says so", async () => {
    await bench.start();
    await serveChat();
    await bench.apply("ModelRoute", "gold", { ...routeSpec("gold"), routerClass: "gold" });
    await becomes(() => bench.condition("ModelRoute", "gold", "Accepted"), "False ClassNotFound");
    expect(await bench.configMap("switchyard-gold")).toBeUndefined();
    expect(await routes()).toEqual(["chat"]);
  });
});

describe("one changed route", () => {
  test("of many rewrites one bucket and the pointer, and nothing else but its status", async () => {
    await bench.apply("ModelBackend", "nova");
    const many = Array.from({ length: 300 }, (_, index) => `route-${index}`);
    for (let at = 0; at < many.length; at += 10)
      await Promise.all(many.slice(at, at + 10).map((name) => bench.apply("ModelRoute", name)));
    await bench.start();
    await eventually(routes, ({ length }) => length === many.length);
    await settled();
    bench.calls.length = 0;
    await bench.apply("ModelRoute", "route-7", { ...routeSpec("route-7"), models: ["edited"] });
    await becomes(modelsOf("route-7"), ["edited"]);
    await eventually(
      () => bench.status("ModelRoute", "route-7"),
      (status) => status?.observedGeneration === 2,
    );
    const slots = bench.writes().filter((call) => call.includes("bucket"));
    expect(slots).toHaveLength(1);
    expect(slots[0]).toMatch(/-b$/);
    const others = bench.writes().filter((call) => !call.includes("bucket"));
    expect(new Set(others)).toEqual(
      new Set([`PATCH configmaps/${names.pointer}`, "PATCH modelroutes/route-7/status"]),
    );
  });

  test("that became invalid keeps its published form, says why, and takes nobody down", async () => {
    await bench.start();
    await serveChat();
    await bench.apply("ModelRoute", "sums");
    await becomes(routes, ["chat", "sums"]);
    // Another route, an older one, has the name already: the API server cannot know that.
    await bench.apply("ModelRoute", "sums", { ...routeSpec("sums"), models: ["chat"] });
    await becomes(() => bench.condition("ModelRoute", "sums", "Accepted"), "False ModelNameTaken");
    const status = await bench.status("ModelRoute", "sums");
    expect(status?.conditions.find(({ type }) => type === "Accepted")?.message).toContain(
      "spec.models[0]: Route chat has the model name",
    );
    expect(status).toMatchObject({ observedGeneration: 2, publishedGeneration: 1 });
    expect(await modelsOf("sums")()).toEqual(["sums"]);
    expect(await bench.condition("ModelRoute", "chat", "Accepted")).toBe("True Accepted");
    await eventually(
      () => bench.events(),
      (events) => events.includes("sums ModelNameTaken"),
    );
  });

  test("is frozen while it is paused", async () => {
    await bench.start();
    await serveChat();
    const paused = { annotations: { "switchyard.dev/paused": "true" } };
    await bench.apply("ModelRoute", "chat", { ...routeSpec("chat"), models: ["edited"] }, paused);
    await becomes(async () => (await bench.status("ModelRoute", "chat"))?.observedGeneration, 2);
    expect(await modelsOf("chat")()).toEqual(["chat"]);
    await bench.apply("ModelRoute", "chat", { ...routeSpec("chat"), models: ["edited"] });
    await becomes(modelsOf("chat"), ["edited"]);
  });
});

test("a tenant whose policy is deleted is unknown at once, one whose policy is refused is denied", async () => {
  await bench.start();
  await serveChat();
  await bench.apply("TenantPolicy", "old");
  await bench.apply("TenantPolicy", "young", {
    subjects: [{ type: "ApiKey", apiKey: { id: "k", sha256: "ab".repeat(32) } }],
  });
  const tenants = async () =>
    Object.values((await bench.table())?.tenants ?? {})
      .map(({ name, denied }) => `${name}${denied === undefined ? "" : " denied"}`)
      .toSorted();
  await becomes(tenants, ["old", "young"]);
  const old = await bench.read<KubeObject & { spec: object }>("TenantPolicy", "old");
  await bench.apply("TenantPolicy", "young", old?.spec);
  await becomes(tenants, ["old", "young denied"]);
  await bench.remove("TenantPolicy", "old");
  await becomes(tenants, ["young"]);
});

describe("in steady state", () => {
  test("nothing is written but Leases, and a restart writes nothing either", async () => {
    const first = await bench.start();
    await serveChat();
    await settled();
    await first.stop();
    bench.calls.length = 0;
    const second = await bench.start("operator-two");
    await eventually(() => Promise.resolve(second.isLeading()), Boolean);
    await sleep(3_000);
    expect(bench.writes()).toEqual([]);
    expect(bench.calls.some(({ path }) => path.endsWith("/leases/switchyard-operator"))).toBe(true);
  });
});

describe("what is broken", () => {
  test.each([
    [
      "a slot with other bytes",
      async () => {
        const slot = names.slot(3, (await bench.pointer())?.buckets[3]?.slot ?? "A");
        await replaceInConfigMap(slot, { binaryData: { [publicationKeys.bucket]: "H4sIAAAA" } });
      },
    ],
    [
      "a slot that is gone",
      async () => {
        const name = names.slot(4, (await bench.pointer())?.buckets[4]?.slot ?? "A");
        const path = pathOf(resourceTypes.ConfigMap, { namespace: bench.namespace, name });
        await bench.admin.json({ method: "DELETE", path });
      },
    ],
    [
      "a deleted pointer",
      async () => {
        const path = pathOf(resourceTypes.ConfigMap, {
          namespace: bench.namespace,
          name: names.pointer,
        });
        await bench.admin.json({ method: "DELETE", path });
      },
    ],
    [
      "a pointer that is no JSON",
      () => replaceInConfigMap(names.pointer, { data: { [publicationKeys.pointer]: "{" } }),
    ],
  ])("%s is mended by the operator that runs", async (_, damage) => {
    await bench.start();
    await serveChat();
    const before = await bench.table();
    await damage();
    await becomes(() => bench.table(), before);
    await settled();
  });

  test("a slot that was damaged while no operator ran is written anew, and the table is as before", async () => {
    const first = await bench.start();
    await serveChat();
    await first.stop();
    const before = await bench.table();
    const slot = names.slot(3, (await bench.pointer())?.buckets[3]?.slot ?? "A");
    await replaceInConfigMap(slot, { binaryData: { [publicationKeys.bucket]: "H4sIAAAA" } });
    expect(await bench.table()).toBeUndefined();
    await bench.start("operator-two");
    await becomes(() => bench.table(), before);
  });

  test("an operator killed between slot and pointer leaves the old table, and the next one converges", async () => {
    const dying = bench.connect();
    let isDead = false;
    const connection: Connection = {
      ...dying,
      json: async (call: KubeCall) => {
        const isPointer = call.method !== "GET" && call.path.endsWith(`/${names.pointer}`);
        if (isPointer && (await bench.pointer()) !== undefined) isDead = true;
        // Dead is dead: it gives up no Lease either.
        if (isDead && call.method !== "GET") throw new Error("Killed");
        return dying.json(call);
      },
    };
    await bench.start("operator-one", { connection });
    await serveChat();
    const before = await bench.table();
    await bench.apply("ModelRoute", "chat", { ...routeSpec("chat"), models: ["edited"] });
    await eventually(() => Promise.resolve(isDead), Boolean);
    expect(await bench.table()).toEqual(before);
    await bench.start("operator-two");
    await becomes(modelsOf("chat"), ["edited"]);
  });
});
