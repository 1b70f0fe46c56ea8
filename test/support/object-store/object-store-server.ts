// A real S3-compatible store (Versity's gateway over a folder) on loopback for tests: it checks signatures,
// and is killed and started again as the test likes.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { freePort } from "../kube/free-port.ts";
import { GuardedProcesses, type GuardedProcess } from "../kube/guarded-processes.ts";
import { resolveBinaries } from "../kube/binaries.ts";

export const storeCredentials = { accessKeyId: "AKIATEST", secretAccessKey: "a-secret-for-tests" };

export interface ObjectStoreServer {
  endpoint: string;
  region: string;
  bucket: string;
  /** What a process needs to keep and read records there. */
  environment: Record<string, string>;
  kill(): Promise<void>;
  /** Stops it in its tracks, with its connections open, or lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Starts it anew with what it kept. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const startMs = 20_000;
const region = "eu-central-1";
const bucket = "switchyard-records";

/** A store with an empty bucket. */
export async function startObjectStore(
  credentials: typeof storeCredentials = storeCredentials,
): Promise<ObjectStoreServer> {
  const binaries = await resolveBinaries(["versitygw"]);
  if (!binaries.ok) throw new Error(binaries.error);
  const program = binaries.value.versitygw;
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const processes = await GuardedProcesses.open("object-store");
  const [objects, attributes] = ["objects", "attributes"].map((name) =>
    join(processes.folder, name),
  ) as [string, string];
  for (const folder of [objects, attributes]) await mkdir(folder);
  const parameters = [
    ["--port", `127.0.0.1:${port}`, "--region", region, "--quiet", "--keep-alive"],
    ["--access", credentials.accessKeyId, "--secret", credentials.secretAccessKey],
    // Temporary folders seldom have extended attributes.
    ["posix", "--sidecar", attributes, objects],
  ].flat();
  let running: GuardedProcess;
  const restart = async () => {
    running = processes.start("versitygw", program, parameters);
    await untilAnswering(endpoint, running);
  };
  await restart();
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials,
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return {
    endpoint,
    region,
    bucket,
    environment: {
      SWITCHYARD_RECORD_S3_ENDPOINT: endpoint,
      SWITCHYARD_RECORD_S3_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    kill: () => running.kill(),
    freeze: () => running.signal("SIGSTOP"),
    thaw: () => running.signal("SIGCONT"),
    restart,
    stop: () => processes.end(),
  };
}

async function untilAnswering(endpoint: string, server: GuardedProcess): Promise<void> {
  const giveUpAt = Date.now() + startMs;
  while (Date.now() < giveUpAt) {
    await server.assertRunning();
    const answer = await fetch(endpoint, { signal: AbortSignal.timeout(1_000) }).catch(() => null);
    // It refuses who has not signed: it is there.
    if (answer?.status === 403) return;
    await sleep(20);
  }
  throw new Error(`The object store did not answer within ${startMs} ms`);
}
