// Records in a cluster: routers write them to a store that lies in it, and the group's job reads them there.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { V1CronJob } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecords, s3Store } from "../../src/records/index.ts";
import { jobsImage } from "../support/cluster/images.ts";
import { readParts } from "../support/cluster/cluster-parts.ts";
import {
  applyExample,
  ask,
  exampleClient,
  exampleNamespace,
  installChart,
  rolledOut,
  routesProgrammed,
  systemNamespace,
} from "../support/cluster/installed-example.ts";
import { objectStorePort, runObjectStore } from "../support/cluster/object-store-pod.ts";
import { useCluster } from "../support/cluster/use-cluster.ts";
import { words } from "../support/cluster/words.ts";

const key = { accessKeyId: "AKIARECORDS", secretAccessKey: "a-secret-of-the-records" };
const bucket = "switchyard-records";
const place = { bucket, prefix: "all/", region: "eu-central-1" };
const account = `system:serviceaccount:${exampleNamespace}:switchyard-default-plan`;
const requests = 6;

let home: string;

// Network policies are enforced: what a class says of its bucket must open the way there.
const cluster = useCluster(async (fresh) => {
  await fresh.loadImage(readParts().images.jobs);
  await fresh.tagImage(jobsImage, "docker.io/library/switchyard-jobs:0.1.0");
  await fresh.enforcePolicies();
  const { kubectl } = fresh;
  await kubectl(words`create namespace ${systemNamespace}`);
  await kubectl(words`create namespace ${exampleNamespace}`);
  const restricted = "pod-security.kubernetes.io/enforce=restricted";
  await kubectl(words`label namespace ${exampleNamespace} ${restricted}`);
  await kubectl(words`create namespace data`);
  const endpoint = await runObjectStore(fresh, "data", key);
  await kubectl([
    ...words`-n ${exampleNamespace} create secret generic records-key`,
    `--from-literal=accessKeyId=${key.accessKeyId}`,
    `--from-literal=secretAccessKey=${key.secretAccessKey}`,
  ]);
  home = await mkdtemp(join(tmpdir(), "switchyard-plan-job-"));
  const values = join(home, "values.json");
  const s3 = { ...place, prefix: "all", endpoint, secret: "records-key", flushSeconds: 1 };
  // It is started by hand: on New Year's Eve nobody tests.
  const plan = { enabled: true, schedule: "59 23 31 12 *" };
  await writeFile(values, JSON.stringify({ classes: { default: { records: { s3 }, plan } } }));
  await installChart(fresh, "--values", values);
});

afterAll(() => rm(home, { recursive: true, force: true }));

const kubectl = (parameters: readonly string[], input?: string): Promise<string> =>
  cluster().kubectl(parameters, input);

/** The store as the test itself reaches it: from the cluster's network, by address. */
async function reach(): Promise<string> {
  const address = "jsonpath={.spec.clusterIP}";
  const found = await kubectl(words`-n data get service objects -o ${address}`);
  return `http://${found}:${objectStorePort}`;
}

/** Until a job has ended well; else what it said. */
async function completed(name: string): Promise<void> {
  const wait = words`-n ${exampleNamespace} wait job/${name} --for=condition=Complete`;
  await kubectl([...wait, "--timeout=110s"]).catch(async (error: unknown) => {
    const said = await kubectl(words`-n ${exampleNamespace} logs job/${name}`).catch(String);
    throw new Error(said, { cause: error });
  });
}

describe("records in a cluster", () => {
  beforeAll(async () => {
    const client = new S3Client({
      endpoint: await reach(),
      region: place.region,
      forcePathStyle: true,
      credentials: key,
    });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    client.destroy();
    await applyExample(cluster());
    await routesProgrammed(cluster());
    await rolledOut(cluster(), "switchyard-default");
    await rolledOut(cluster(), "simulators");
  });

  it("are written by every router to the bucket of its class", async () => {
    const client = await exampleClient(cluster());
    for (let asked = 0; asked < requests; asked += 1)
      expect(await ask(client, "Repeat: kept")).toBe("kept");
    const store = await s3Store({ ...place, endpoint: await reach(), credentials: key });
    const kept = async () => (await Array.fromAsync(readRecords(store))).length;
    await expect.poll(kept, { timeout: 60_000, interval: 500 }).toBe(requests);
  });

  it("are joined by a job with the group's own account, in the image with DuckDB", async () => {
    const name = "switchyard-default-plan";
    const asked = words`-n ${exampleNamespace} get cronjob ${name} -o json`;
    const { spec } = JSON.parse(await kubectl(asked)) as V1CronJob;
    const job = spec!.jobTemplate;
    const [container] = job.spec!.template.spec!.containers;
    expect(container!.args).toEqual(["plan", "--cluster"]);
    const read = words`records evidence --engine duckdb --since 1h --namespace ${exampleNamespace}`;
    container!.args = read;
    const manifest = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "reading" } };
    await kubectl(
      words`-n ${exampleNamespace} apply -f -`,
      JSON.stringify({ ...manifest, spec: job.spec }),
    );
    await completed("reading");
    const lines = (await kubectl(words`-n ${exampleNamespace} logs job/reading`)).trimEnd();
    const said = lines.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    const rows = said.filter((each) => "requestId" in each);
    expect(rows).toHaveLength(requests);
    for (const row of rows) expect(row).toMatchObject({ route: "assistant", labels: [] });
    expect(said.find((each) => "rows" in each)).toMatchObject({ rows: requests, broken: 0 });
  });

  it("are what the job plans from, by its own command", async () => {
    const job = words`create job planning --from=cronjob/switchyard-default-plan`;
    await kubectl([...words`-n ${exampleNamespace}`, ...job]);
    await completed("planning");
    const asked = words`-n ${exampleNamespace} get configmap switchyard-default-plans -o json`;
    const { data, metadata } = JSON.parse(await kubectl(asked)) as {
      data: Record<string, string>;
      metadata: { labels: object };
    };
    expect(metadata.labels).toMatchObject({ "switchyard.dev/holds": "plans" });
    expect(JSON.parse(data["plans.json"]!)).toMatchObject({ version: 1, class: "default" });
  });

  it("leave nothing to the job but to read, and to write its own plans", async () => {
    const may = (...verb: string[]) =>
      kubectl([...words`-n ${exampleNamespace} auth can-i --as ${account}`, ...verb]).then(
        (said) => said.trim(),
        () => "no",
      );
    expect(await may("list", "modelroutes")).toBe("yes");
    expect(await may("patch", "configmap/switchyard-default-plans")).toBe("yes");
    for (const refused of [
      ["patch", "configmap/switchyard-default-table"],
      ["create", "configmaps"],
      ["delete", "configmap/switchyard-default-plans"],
      ["get", "secret/records-key"],
      ["patch", "modelroutes"],
      ["create", "leases"],
    ])
      expect([refused, await may(...refused)]).toEqual([refused, "no"]);
    const plans = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "switchyard-default-plans" },
      data: { note: "of the job" },
    };
    const apply = words`apply --server-side --field-manager switchyard-plan --as ${account} -f -`;
    await kubectl([...words`-n ${exampleNamespace}`, ...apply], JSON.stringify(plans));
    // The operator looks at it again, and leaves what is the job's.
    await kubectl(
      words`-n ${exampleNamespace} label configmap switchyard-default-plans app.kubernetes.io/name=other --overwrite`,
    );
    const asked = words`-n ${exampleNamespace} get configmap switchyard-default-plans -o json`;
    const found = async () =>
      JSON.parse(await kubectl(asked)) as { data?: object; metadata: { labels: object } };
    await expect
      .poll(async () => (await found()).metadata.labels, { timeout: 30_000 })
      .toMatchObject({ "app.kubernetes.io/name": "switchyard" });
    expect((await found()).data).toEqual(plans.data);
  });
});
