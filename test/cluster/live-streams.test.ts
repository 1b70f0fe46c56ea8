import { describe, expect, it } from "vitest";
import { counts } from "../support/cluster/counts.ts";
import {
  awaitEditTaken,
  edit,
  operatorsLabel,
  routersLabel,
} from "../support/cluster/example-state.ts";
import {
  exampleClient,
  exampleNamespace,
  installChart,
  installExample,
  rolledOut,
  routesProgrammed,
  systemNamespace,
} from "../support/cluster/installed-example.ts";
import { startLiveStreams } from "../support/cluster/live-streams.ts";
import { playMetrics } from "../support/cluster/played-metrics.ts";
import { listPods } from "../support/cluster/pods.ts";
import { releasedImage, useCluster } from "../support/cluster/use-cluster.ts";
import { words } from "../support/cluster/words.ts";

const cluster = useCluster(installExample);
const patient = { timeout: 60_000, interval: 250 };

/** One edit of each kind in turn, each different from the last of its kind. */
const edits: readonly ((round: number) => Promise<void>)[] = [
  (round) =>
    edit(cluster(), "modelroute", "assistant", {
      envelope: { firstTokenP95: `${3_000 + round}ms` },
    }),
  (round) => edit(cluster(), "modelbackend", "nova-lite", { contextWindow: 300_000 + round }),
  (round) =>
    edit(cluster(), "tenantpolicy", "support-team", { envelope: { totalP95: `${60 + round}s` } }),
];

/** So many edits come at once; then a stream is waited for that begins by a table of theirs. */
const rush = Math.floor(counts.edits / 4);

describe("live streams", () => {
  it("outlive edits, which every router takes without a restart", async () => {
    const before = await listPods(cluster(), exampleNamespace, routersLabel);
    const streams = startLiveStreams(await exampleClient(cluster()), counts.streams);
    for (let round = 0, seen = 0; round < counts.edits; round += 1) {
      await edits[round % edits.length]?.(round);
      if ((round + 1) % rush !== 0) continue;
      await expect.poll(() => streams.digests.size, patient).toBeGreaterThan(seen);
      seen = streams.digests.size;
    }
    await routesProgrammed(cluster());
    const finishedBefore = streams.finished();
    await expect
      .poll(streams.finished, { timeout: 60_000 })
      .toBeGreaterThan(finishedBefore + counts.streams);
    expect(await streams.stop()).toEqual([]);
    expect(streams.finished()).toBeGreaterThan(counts.streams);
    expect(streams.digests.size).toBeGreaterThan(2);
    expect(before.map(({ restarts }) => restarts)).toEqual([0, 0]);
    expect(await listPods(cluster(), exampleNamespace, routersLabel)).toEqual(before);
  });

  it("outlive an autoscaler that adds routers and takes them away again", async () => {
    const metrics = await playMetrics(cluster());
    const streams = startLiveStreams(await exampleClient(cluster()), counts.streams);
    try {
      // Of the 50m that each asks for.
      metrics.use("90m");
      await installChart(cluster(), "--set", "classes.default.replicas.max=4");
      await expect.poll(countRouters, patient).toBe(4);
      await awaitEditTaken(cluster(), 4);
      expect(await countRouters()).toBe(4);
      metrics.use("1m");
      await expect.poll(countRouters, patient).toBe(2);
      await awaitEditTaken(cluster(), 2);
      const autoscaler = words`-n ${exampleNamespace} get hpa switchyard-default -o name`;
      expect(await cluster().kubectl(autoscaler)).toContain("switchyard-default");
      await installChart(cluster());
      const gone = () => cluster().kubectl([...autoscaler, "--ignore-not-found"]);
      await expect.poll(gone, patient).toBe("");
      await awaitEditTaken(cluster(), 2);
    } finally {
      expect(await streams.stop()).toEqual([]);
      await metrics.stop();
    }
    const left = await listPods(cluster(), exampleNamespace, routersLabel);
    expect(left.map(({ restarts }) => restarts)).toEqual([0, 0]);
  });

  it("outlive an upgrade to another image, which replaces every operator and router", async () => {
    const before = [
      ...(await listPods(cluster(), exampleNamespace, routersLabel)),
      ...(await listPods(cluster(), systemNamespace, operatorsLabel)),
    ].map(({ name }) => name);
    const upgraded = releasedImage.replace(/:[^:]*$/, ":0.1.1");
    await cluster().tagImage(releasedImage, upgraded);
    const streams = startLiveStreams(await exampleClient(cluster()), counts.streams);
    await installChart(cluster(), "--set", "image.tag=0.1.1");
    await expect.poll(routerImage, { timeout: 60_000, interval: 500 }).toBe("switchyard:0.1.1");
    await rolledOut(cluster(), "switchyard-default");
    for (const name of before.filter((pod) => pod.startsWith("switchyard-default"))) {
      const gone = words`-n ${exampleNamespace} wait --for=delete pod/${name} --timeout=110s`;
      await cluster().kubectl(gone);
    }
    expect(await streams.stop()).toEqual([]);
    expect(streams.finished()).toBeGreaterThan(counts.streams);
    const after = [
      ...(await listPods(cluster(), exampleNamespace, routersLabel)),
      ...(await listPods(cluster(), systemNamespace, operatorsLabel)),
    ];
    expect(after).toHaveLength(4);
    expect(after.filter(({ name }) => before.includes(name))).toEqual([]);
    expect(after.filter(({ restarts }) => restarts > 0)).toEqual([]);
  });

  const countRouters = async (): Promise<number> =>
    (await listPods(cluster(), exampleNamespace, routersLabel)).length;

  const routerImage = (): Promise<string> =>
    cluster().kubectl([
      ...words`-n ${exampleNamespace} get deployment switchyard-default`,
      ...words`-o jsonpath={.spec.template.spec.containers[0].image}`,
    ]);
});
