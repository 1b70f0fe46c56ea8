import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { V1CronJob } from "@kubernetes/client-node";
import { s3Store, type RecordStore } from "../../../src/records/index.ts";
import { readParts } from "./cluster-parts.ts";
import type { Cluster } from "./cluster.ts";
import { jobsImage } from "./images.ts";
import { exampleNamespace, installChart, systemNamespace } from "./installed-example.ts";
import { objectStorePort, runObjectStore } from "./object-store-pod.ts";
import { words } from "./words.ts";

const credentials = { accessKeyId: "AKIARECORDS", secretAccessKey: "a-secret-of-the-records" };
const bucket = "switchyard-records";
const place = { bucket, prefix: "all/", region: "eu-central-1" };

/** The chart with a bucket that lies in the cluster, and plan jobs that are started by hand alone. */
export async function installWithRecords(cluster: Cluster): Promise<void> {
  await cluster.loadImage(readParts().images.jobs);
  await cluster.tagImage(jobsImage, "docker.io/library/switchyard-jobs:0.1.0");
  // Network policies are enforced: what a class says of its bucket must open the way there.
  await cluster.enforcePolicies();
  const { kubectl } = cluster;
  await kubectl(words`create namespace ${systemNamespace}`);
  await kubectl(words`create namespace ${exampleNamespace}`);
  const restricted = "pod-security.kubernetes.io/enforce=restricted";
  await kubectl(words`label namespace ${exampleNamespace} ${restricted}`);
  await kubectl(words`create namespace data`);
  const endpoint = await runObjectStore(cluster, "data", credentials);
  await kubectl([
    ...words`-n ${exampleNamespace} create secret generic records-key`,
    `--from-literal=accessKeyId=${credentials.accessKeyId}`,
    `--from-literal=secretAccessKey=${credentials.secretAccessKey}`,
  ]);
  const s3 = { ...place, prefix: "all", endpoint, secret: "records-key", flushSeconds: 1 };
  // On New Year's Eve nobody tests.
  const plan = { enabled: true, schedule: "59 23 31 12 *" };
  const home = await mkdtemp(join(tmpdir(), "switchyard-records-"));
  try {
    const values = join(home, "values.json");
    await writeFile(values, JSON.stringify({ classes: { default: { records: { s3 }, plan } } }));
    await installChart(cluster, "--values", values);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** The bucket of the routers, as the test itself reaches it: from the cluster's network. */
export interface ClusterRecords {
  store: RecordStore;
  /** By which a command reaches it. */
  environment: Record<string, string>;
}

/** Makes the bucket. */
export async function openRecords(cluster: Cluster): Promise<ClusterRecords> {
  const address = "jsonpath={.spec.clusterIP}";
  const found = await cluster.kubectl(words`-n data get service objects -o ${address}`);
  const endpoint = `http://${found}:${objectStorePort}`;
  const { region } = place;
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  const environment = {
    SWITCHYARD_RECORD_S3: `s3://${bucket}/all`,
    SWITCHYARD_RECORD_S3_REGION: region,
    SWITCHYARD_RECORD_S3_ENDPOINT: endpoint,
    SWITCHYARD_RECORD_S3_ACCESS_KEY_ID: credentials.accessKeyId,
    SWITCHYARD_RECORD_S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  return { store: await s3Store({ ...place, endpoint, credentials }), environment };
}

/** Runs the group's plan job once, with a command of the test's. @returns what it printed */
export async function runJob(
  cluster: Cluster,
  name: string,
  args: readonly string[],
): Promise<string> {
  const inNamespace = words`-n ${exampleNamespace}`;
  const asked = words`get cronjob switchyard-default-plan -o json`;
  const { spec } = JSON.parse(await cluster.kubectl([...inNamespace, ...asked])) as V1CronJob;
  const job = spec?.jobTemplate.spec;
  const container = job?.template.spec?.containers[0];
  if (container === undefined) throw new Error("The plan job has no container");
  container.args = [...args];
  const manifest = { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: job };
  await cluster.kubectl([...inNamespace, ...words`apply -f -`], JSON.stringify(manifest));
  await jobCompleted(cluster, name);
  return cluster.kubectl([...inNamespace, ...words`logs job/${name}`]);
}

/** Until a job has ended well; else what it said. */
export async function jobCompleted({ kubectl }: Cluster, name: string): Promise<void> {
  const wait = words`-n ${exampleNamespace} wait job/${name} --for=condition=Complete`;
  await kubectl([...wait, "--timeout=110s"]).catch(async (error: unknown) => {
    const said = await kubectl(words`-n ${exampleNamespace} logs job/${name}`).catch(String);
    throw new Error(said, { cause: error });
  });
}
