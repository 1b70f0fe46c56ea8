import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { publicationKeys, publicationNames } from "../../src/table/index.ts";
import { counts } from "../support/cluster/counts.ts";
import {
  awaitEditTaken,
  edit,
  listObjects,
  operatorsLabel,
  routersLabel,
} from "../support/cluster/example-state.ts";
import { holdNextWrite } from "../support/cluster/held-write.ts";
import {
  applyExample,
  ask,
  exampleClient,
  exampleNamespace,
  installChart,
  installExample,
  systemNamespace,
} from "../support/cluster/installed-example.ts";
import { startLiveStreams, type LiveStreams } from "../support/cluster/live-streams.ts";
import { killPod, listPods, type Pod } from "../support/cluster/pods.ts";
import { useCluster } from "../support/cluster/use-cluster.ts";
import { words } from "../support/cluster/words.ts";

let objects: string[] = [];
let routers: Pod[] = [];
const cluster = useCluster(async (fresh) => {
  await installExample(fresh);
  await awaitEditTaken(fresh);
  objects = await listObjects(fresh);
  routers = await listPods(fresh, exampleNamespace, routersLabel);
});

interface PublishedPointer {
  buckets: [{ slot: "A" | "B" }];
}

interface LogLine {
  message: string;
  kind?: string;
  error_code?: string;
}

const names = publicationNames("default");
const patient = { timeout: 60_000, interval: 250 };

// Throughout all of it routers serve, none is replaced or restarted, and afterwards everything is as
// it was: no object twice, none left over, the next edit taken by both.
describe("routers serve on, and everything converges,", () => {
  const throughout = (disturb: (streams: LiveStreams) => Promise<void>) => async () => {
    const streams = startLiveStreams(await exampleClient(cluster()), counts.streams);
    try {
      await disturb(streams);
      await awaitEditTaken(cluster());
      const finished = streams.finished();
      await expect.poll(streams.finished, patient).toBeGreaterThan(finished);
    } finally {
      expect(await streams.stop()).toEqual([]);
    }
    expect(await listObjects(cluster())).toEqual(objects);
    expect(await listPods(cluster(), exampleNamespace, routersLabel)).toEqual(routers);
    expect(await listPods(cluster(), systemNamespace, operatorsLabel)).toHaveLength(2);
  };

  const leader = (): Promise<string> =>
    cluster().kubectl([
      ...words`-n ${systemNamespace} get lease switchyard-operator`,
      ...words`-o jsonpath={.spec.holderIdentity}`,
    ]);

  async function leadingPod(): Promise<Pod> {
    const name = await leader();
    const pods = await listPods(cluster(), systemNamespace, operatorsLabel);
    const leading = pods.find((pod) => pod.name === name);
    if (leading === undefined) throw new Error(`No operator is ${name}, which leads`);
    return leading;
  }

  const configMap = (name: string, path: string): Promise<string> =>
    cluster()
      .kubectl(words`-n ${exampleNamespace} get configmap ${name} -o jsonpath=${path}`)
      .catch(String);

  /** Of which watches a pod has said that the API server knew their versions no more. */
  async function outdatedWatches(namespace: string, { name }: Pod, since: string) {
    const logs = words`-n ${namespace} logs ${name} --since-time=${since}`;
    const lines = (await cluster().kubectl(logs)).trim().split("\n");
    return lines
      .map((line) => JSON.parse(line) as LogLine)
      .filter(({ error_code }) => error_code === "Expired")
      .map(({ kind = "", message }) => `${message} ${kind}`.trim());
  }

  /** Each slot with the version that it has. */
  async function listSlots(): Promise<string[]> {
    const path = '{range .items[*]}{.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}';
    const all = words`-n ${exampleNamespace} get configmaps -o`;
    const listed = await cluster().kubectl([...all, `jsonpath=${path}`]);
    return listed.split("\n").filter((line) => line.includes("-bucket-"));
  }

  const dataPath = `{.binaryData.${publicationKeys.bucket.replaceAll(".", "\\.")}}`;
  const pointerPath = `{.data.${publicationKeys.pointer.replaceAll(".", "\\.")}}`;

  it(
    "where the leading operator is killed and does not come back",
    throughout(async () => {
      const { name, ...leading } = await leadingPod();
      const pods = await listPods(cluster(), systemNamespace, operatorsLabel);
      await killPod({ name, ...leading });
      const removal = words`delete pod ${name} --grace-period=0 --force --wait=false`;
      await cluster().kubectl([...words`-n ${systemNamespace}`, ...removal]);
      const others = pods.filter((pod) => pod.name !== name).map((pod) => pod.name);
      await expect.poll(leader, patient).toBe(others[0]);
    }),
  );

  it(
    "where the leading operator is killed between a slot and the pointer",
    throughout(async () => {
      for (let crash = 0; crash < counts.crashes; crash += 1) {
        await crashBetweenSlotAndPointer();
        await awaitEditTaken(cluster());
      }
    }),
  );

  async function crashBetweenSlotAndPointer(): Promise<void> {
    const [pointer, slots] = [await configMap(names.pointer, pointerPath), await listSlots()];
    const place = { namespace: exampleNamespace, name: names.pointer };
    const held = await holdNextWrite(cluster(), place);
    try {
      await edit(cluster(), "modelroute", "assistant", { envelope: { totalP95: "99s" } });
      await held.asked;
      await killPod(await leadingPod());
      const written = (await listSlots()).filter((slot) => !slots.includes(slot));
      expect(written).toHaveLength(1);
      expect(await configMap(names.pointer, pointerPath)).toBe(pointer);
    } finally {
      await held.refuse();
    }
  }

  it(
    "where the API server is away for a while",
    throughout(async (streams) => {
      const before = streams.finished();
      await cluster().stopApiServer();
      await sleep(counts.outageSeconds * 1_000);
      expect(streams.finished()).toBeGreaterThan(before);
      await cluster().startApiServer();
    }),
  );

  it(
    "where all their watches are answered with 410",
    throughout(async () => {
      const since = new Date().toISOString();
      const leading = await leadingPod();
      await cluster().stopApiServer();
      await cluster().forgetVersions();
      await cluster().startApiServer();
      for (const router of routers)
        await expect
          .poll(() => outdatedWatches(exampleNamespace, router, since), patient)
          .toContain("Watching the table failed");
      await expect
        .poll(() => outdatedWatches(systemNamespace, leading, since), patient)
        .toContain("Watching failed modelroutes");
    }),
  );

  it(
    "where a slot that is in use is corrupted",
    throughout(async () => {
      const pointer = await configMap(names.pointer, pointerPath);
      const slot = names.slot(0, (JSON.parse(pointer) as PublishedPointer).buckets[0].slot);
      const intact = await configMap(slot, dataPath);
      const garbage = { binaryData: { [publicationKeys.bucket]: btoa("no table at all") } };
      const patch = words`-n ${exampleNamespace} patch configmap ${slot} --type merge`;
      const patched = await cluster().kubectl([
        ...patch,
        ...words`-p ${JSON.stringify(garbage)} -o jsonpath=${dataPath}`,
      ]);
      expect(patched).toBe(garbage.binaryData[publicationKeys.bucket]);
      expect(patched).not.toBe(intact);
      await expect.poll(() => configMap(slot, dataPath), patient).toBe(intact);
    }),
  );

  it(
    "where the pointer is deleted",
    throughout(async () => {
      const intact = await configMap(names.pointer, pointerPath);
      const uid = await configMap(names.pointer, "{.metadata.uid}");
      await cluster().kubectl(words`-n ${exampleNamespace} delete configmap ${names.pointer}`);
      await expect.poll(() => configMap(names.pointer, pointerPath), patient).toBe(intact);
      expect(await configMap(names.pointer, "{.metadata.uid}")).not.toBe(uid);
    }),
  );

  it(
    "where the definition of routes is deleted, and with it every route",
    throughout(async (streams) => {
      await cluster().kubectl(words`delete crd modelroutes.switchyard.dev --timeout=60s`);
      const before = streams.finished();
      await expect.poll(streams.finished, patient).toBeGreaterThan(before + 2 * counts.streams);
      await sleep(5_000);
      expect(await listObjects(cluster())).toEqual(objects);
      await installChart(cluster());
      await applyExample(cluster());
    }),
  );
});

describe("routers that crash while the API server is away", () => {
  it("serve again from their own copies of the table", async () => {
    const client = await exampleClient(cluster());
    await cluster().stopApiServer();
    for (const router of routers) await killPod(router);
    await expect
      .poll(() => ask(client, "Repeat: still here").catch(String), patient)
      .toBe("still here");
    await cluster().startApiServer();
    await awaitEditTaken(cluster());
    // The kubelet tells of what it did meanwhile when it next comes to it.
    await expect
      .poll(() => listPods(cluster(), exampleNamespace, routersLabel), patient)
      .toEqual(routers.map((router) => ({ ...router, restarts: 1 })));
  });
});
