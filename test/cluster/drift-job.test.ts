// Drift in a cluster: the group's own job asks a real Prometheus whose history holds a backend that has become
// worse, says so on the route, and pins it to its baseline, which routers then serve. Then it asks a golden set.
// Network policies are enforced: the job's own opens the way to all that it needs.
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, describe, expect, it } from "vitest";
import { readDriftReport, type DriftReport } from "../../src/table/index.ts";
import type { Cluster } from "../support/cluster/cluster.ts";
import {
  applyExample,
  ask,
  exampleClient,
  exampleNamespace,
  installChart,
  quickenSimulators,
  repository,
  rolledOut,
  routesProgrammed,
} from "../support/cluster/installed-example.ts";
import { jobCompleted } from "../support/cluster/records-in-cluster.ts";
import { releasedImage, useCluster } from "../support/cluster/use-cluster.ts";
import { words } from "../support/cluster/words.ts";
import { goldenSetMap } from "../support/journey/exam-manifests.ts";
import { questionsFor } from "../support/journey/exam.ts";
import { driftedMonth } from "../support/drift/drifted-month.ts";
import { metricsLines, playTraffic } from "../support/drift/routers-metrics.ts";
import { startPrometheus, type PrometheusServer } from "../support/prometheus/prometheus-server.ts";

let prometheus: PrometheusServer | undefined;

afterAll(() => prometheus?.stop());

const step = 300_000;
const adminSecret = "admin-token";

/** The whole month, as a Prometheus would have scraped it. */
async function history(file: string): Promise<void> {
  const traffic = driftedMonth({
    namespace: exampleNamespace,
    route: "assistant",
    backend: "nova-micro",
    steady: "nova-lite",
    end: Math.floor(Date.now() / step) * step - step,
    worseDays: 3,
  });
  const lines = async function* () {
    yield* metricsLines(playTraffic(traffic));
    yield "# EOF\n";
  };
  await pipeline(Readable.from(lines()), createWriteStream(file));
}

/** The chart, with a class that names the Prometheus, and a job that is started by hand alone. */
async function install(cluster: Cluster): Promise<void> {
  await cluster.enforcePolicies();
  await cluster.kubectl(words`apply -f ${repository}/examples/kubernetes/namespace.yaml`);
  const token = "--from-literal=SWITCHYARD_ADMIN_TOKEN=a-token-of-the-admin-ports";
  const secret = words`-n ${exampleNamespace} create secret generic ${adminSecret} ${token}`;
  await cluster.kubectl(secret);
  const home = await mkdtemp(join(tmpdir(), "switchyard-drift-job-"));
  try {
    const file = join(home, "history.txt");
    await history(file);
    prometheus = await startPrometheus({
      backfill: [file],
      block: "24h",
      retention: "60d",
      host: cluster.hostAddress,
    });
    // On New Year's Eve nobody tests.
    const drift = { schedule: "59 23 31 12 *", image: releasedImage };
    const store = { prometheus: { url: prometheus.url }, envFrom: [{ secret: adminSecret }] };
    const values = join(home, "values.json");
    await writeFile(values, JSON.stringify({ classes: { default: { ...store, drift } } }));
    await installChart(cluster, "--values", values);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  await applyExample(cluster);
  await quickenSimulators(cluster);
  await routesProgrammed(cluster);
  await rolledOut(cluster, "switchyard-default");
  await rolledOut(cluster, "simulators");
}

const cluster = useCluster(install);

const kubectl = (parameters: readonly string[], input?: string): Promise<string> =>
  cluster().kubectl([...words`-n ${exampleNamespace}`, ...parameters], input);

const patient = { timeout: 90_000, interval: 1_000 };

async function runJob(name: string): Promise<void> {
  await kubectl(words`create job ${name} --from=cronjob/switchyard-default-drift`);
  await jobCompleted(cluster(), name);
}

/** What `kubectl get modelroutes` prints of the route, by its column. */
async function printed(): Promise<Record<string, string>> {
  const [head = "", row = ""] = (await kubectl(words`get modelroutes assistant`)).split("\n");
  const names = head.split(/\s{2,}/);
  const cells = row.split(/\s{2,}/);
  return Object.fromEntries(names.map((name, place) => [name.trim(), (cells[place] ?? "").trim()]));
}

async function report(): Promise<DriftReport> {
  const path = "jsonpath={.data.drift\\.json}";
  const json = await kubectl(words`get configmap switchyard-default-drift -o ${path}`);
  const read = readDriftReport(json);
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

async function events(): Promise<string[]> {
  const path = "jsonpath={range .items[*]}{.regarding.name} {.reason}{'\\n'}{end}";
  const told = await kubectl(words`get events.events.k8s.io -o`.concat(path));
  return told.split("\n").filter((line) => /Drift|Pinned/.test(line));
}

const patch = (spec: object): Promise<string> =>
  kubectl(words`patch modelroute assistant --type merge --patch`.concat(JSON.stringify({ spec })));

/** The backend that serves a question, and why. */
async function served(): Promise<string[]> {
  const client = await exampleClient(cluster());
  const { response } = await client.chat.completions
    .create({ model: "assistant", messages: [{ role: "user", content: "Repeat: yes" }] })
    .withResponse();
  return ["backend", "reason"].map((name) => response.headers.get(`x-switchyard-${name}`) ?? "");
}

describe("the drift job of a group", () => {
  it("is there once a route asks to be watched, and not before", async () => {
    await expect(kubectl(words`get cronjob switchyard-default-drift`)).rejects.toThrow("not found");
    await patch({ drift: {} });
    const cronJob = () =>
      kubectl(words`get cronjob switchyard-default-drift -o name`).catch(String);
    await expect.poll(cronJob, patient).toContain("cronjob.batch/switchyard-default-drift");
  });

  it("says of the route that it has drifted, as people see it, and by one Event for each condition", async () => {
    await runJob("first-look");
    await expect.poll(printed, patient).toMatchObject({ DRIFT: "Latency and Accuracy" });
    const condition = "jsonpath={.status.conditions[?(@.type=='LatencyDrift')].message}";
    const message = await kubectl(words`get modelroute assistant -o`.concat(condition));
    expect(message).toContain("nova-micro");
    expect(message).not.toContain("nova-lite");
    await runJob("second-look");
    expect((await events()).toSorted()).toEqual([
      "assistant AccuracyDrifted",
      "assistant LatencyDrifted",
    ]);
  });

  it("leaves a report that the documented commands read", async () => {
    const { source, routes } = await report();
    expect(source).toBe("Prometheus");
    const worst = routes["assistant"]!.series.filter(({ state }) => state === "drifted");
    expect(new Set(worst.map(({ key }) => key.backend))).toEqual(new Set(["nova-micro"]));
    const page = await kubectl([
      ...words`get configmap switchyard-default-drift -o`,
      "jsonpath={.binaryData.report\\.html\\.gz}",
    ]);
    const { gunzipSync } = await import("node:zlib");
    expect(gunzipSync(Buffer.from(page, "base64")).toString()).toContain('<svg class="chart"');
  });

  it("pins the route where it asks for that, and routers serve the baseline until a person unpins it", async () => {
    expect((await served())[1]).not.toBe("pinned");
    await patch({ drift: { onAccuracyDrift: "PinBaseline" } });
    await runJob("pinning");
    await expect.poll(served, patient).toEqual(["nova-lite", "pinned"]);
    expect(await ask(await exampleClient(cluster()), "Repeat: kept")).toBe("kept");
    await kubectl(words`annotate modelroute assistant switchyard.dev/unpin=checked`);
    await expect.poll(async () => (await served())[1], patient).not.toBe("pinned");
  });

  it("asks the golden set of a route through its routers", async () => {
    const easy = questionsFor("training").filter(({ difficulty }) => difficulty < 0.2);
    await kubectl(words`apply --server-side -f -`, goldenSetMap(easy.slice(0, 240)));
    await patch({
      drift: { onAccuracyDrift: "Report", goldenSet: { configMap: { name: "exam-golden-set" } } },
    });
    const asksRouters = () => kubectl(words`get cronjob switchyard-default-drift -o json`);
    await expect.poll(asksRouters, patient).toContain("--routers");
    await runJob("well");
    expect((await report()).missing.filter((each) => each.includes("not asked"))).toEqual([]);
  });

  it("goes, with what it said, once no route asks any more", async () => {
    await kubectl([
      ...words`patch modelroute assistant --type json --patch`,
      JSON.stringify([{ op: "remove", path: "/spec/drift" }]),
    ]);
    const status = () => kubectl(words`get modelroute assistant -o jsonpath={.status}`);
    await expect.poll(status, patient).not.toMatch(/drift/i);
    expect(await status()).toContain("Programmed");
    const cronJob = () => kubectl(words`get cronjob switchyard-default-drift`).catch(String);
    await expect.poll(cronJob, patient).toContain("not found");
  });
});
