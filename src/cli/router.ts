import type { RecordSink } from "../records/index.ts";
import type { RouterParts, RouterSettings, RunningRouter } from "../router/index.ts";
import type { ReadCluster } from "../tenancy/index.ts";
import { makeLog, type Log } from "../telemetry/index.ts";
import { groupStore } from "./group-store.ts";
import { assembleRouter } from "./assemble-router.ts";
import { readAwsEnvironment } from "./aws-environment.ts";
import { reachBackends } from "./backend-reach.ts";
import type { Command } from "./command.ts";
import { readEnvironment, type Environment } from "./environment.ts";
import { readFlags, refuseWords } from "./flags.ts";
import { clusterShelf } from "./drift/cluster-shelf.ts";
import type { DriftShelf } from "./make-console.ts";
import type { Group, Refreshed } from "./folder-tables.ts";
import { openConfig } from "./open-config.ts";
import { readPodIdentity } from "./pod-identity.ts";
import { readClusterBy, readClusterOf } from "./read-cluster.ts";
import { redisSettings } from "./limit-store.ts";
import { recordSinks } from "./record-sinks.ts";
import { listenOptions, routerSettings } from "./router-settings.ts";
import { serveCluster } from "./serve-cluster.ts";
import { serveFolder } from "./serve-folder.ts";
import { untilStopped } from "./until-stopped.ts";

const help = `switchyard router --config DIR | --kubernetes [flags]: a router over real backends, with JSON records on standard output

  --kubernetes         take the table from the operator: for pods that it has made
  --config DIR         the folder with the YAML files     (SWITCHYARD_CONFIG)
  --host HOST          where the API listens              (SWITCHYARD_HOST; 0.0.0.0)
  --port N             its port, 0 for any free one       (SWITCHYARD_PORT; 8080)
  --admin-host HOST    where the admin port listens       (SWITCHYARD_ADMIN_HOST; 0.0.0.0)
  --admin-port N       its port                           (SWITCHYARD_ADMIN_PORT; 8081)
  --record DIR         keep records in a folder, too      (SWITCHYARD_RECORD_DIR)
                       SWITCHYARD_RECORD_S3=s3://BUCKET/PREFIX keeps them in a bucket, too
  --namespace NAME     which group's routes to serve, where the folder holds several
  --class NAME         likewise; with --kubernetes the pod's class (SWITCHYARD_ROUTER_CLASS; default)

Further settings: SWITCHYARD_RECORDS (stdout or none), SWITCHYARD_EMF (true: metrics for CloudWatch
in printed records), SWITCHYARD_RECORD_S3_REGION, SWITCHYARD_RECORD_S3_ENDPOINT, SWITCHYARD_RECORD_S3_FLUSH_MS, SWITCHYARD_ADMIN_TOKEN,
SWITCHYARD_LOG_LEVEL, SWITCHYARD_MAX_BODY_BYTES, SWITCHYARD_MAX_HEADER_BYTES,
SWITCHYARD_MAX_REQUESTS, SWITCHYARD_MAX_HELD_BYTES, SWITCHYARD_REQUEST_TIMEOUT_MS,
SWITCHYARD_CLIENT_STALL_MS, SWITCHYARD_DRAIN_MS, SWITCHYARD_MAX_TENANT_LABELS,
SWITCHYARD_SLOW_REQUEST_MS (traced whatever the sampler's ratio),
SWITCHYARD_REDIS_URL (where tenants' limits are counted), SWITCHYARD_REDIS_CLUSTER,
SWITCHYARD_REDIS_USERNAME, SWITCHYARD_REDIS_PASSWORD, SWITCHYARD_REDIS_CA_FILE,
SWITCHYARD_REDIS_KEY_PREFIX, SWITCHYARD_REDIS_TIMEOUT_MS,
SWITCHYARD_TLS_DIR (tls.crt and tls.key), SWITCHYARD_TABLE_DIR,
SWITCHYARD_CLUSTER_ISSUER and SWITCHYARD_CLUSTER_JWKS (with --config: whose ServiceAccounts are known),
SWITCHYARD_SERVICE_ACCOUNT_DIR (token and ca.crt, for trying --kubernetes outside a pod),
and the standard OTEL_* and AWS_* variables.`;

const options = {
  kubernetes: { type: "boolean" },
  config: { type: "string" },
  ...listenOptions,
  record: { type: "string" },
  namespace: { type: "string" },
  class: { type: "string" },
} as const;

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, options);
  refuseWords(positionals);
  const environment = readEnvironment(process.env);
  const settings = routerSettings(environment, values, "0.0.0.0");
  const log = makeLog({ level: environment.SWITCHYARD_LOG_LEVEL });
  const records = await recordSinks(values.record, environment, log);
  const stopped = untilStopped();
  const open = values.kubernetes === true ? openCluster : openFolder;
  const served = await open({ values, environment, settings, records, log });
  log.info("Serving the API", { address: served.router.url });
  log.info("Serving the admin port", { address: served.router.adminUrl });
  const signal = await stopped;
  log.info("Draining requests", { signal });
  const cutOff = await served.stop();
  if (cutOff > 0) log.warn("Cutting requests off", { count: cutOff });
  return 0;
}

interface Opening {
  values: { config?: string; namespace?: string; class?: string };
  environment: Environment;
  settings: RouterSettings;
  records: RecordSink;
  log: Log;
}

interface Served {
  router: RunningRouter;
  stop(): Promise<number>;
}

async function openFolder({
  values,
  environment,
  settings,
  records,
  log,
}: Opening): Promise<Served> {
  const { folder, group } = await openConfig(values, environment);
  const readCluster = readClusterBy(environment);
  const parts = await assemble({ environment, settings, records, log }, group, { readCluster });
  const served = await serveFolder({
    folder,
    group,
    parts,
    knowsCluster: readCluster !== undefined,
    onRefresh: (refreshed) => tellRefresh(refreshed, log),
  });
  tellRefresh(served.first, log);
  return served;
}

async function openCluster({
  values,
  environment,
  settings,
  records,
  log,
}: Opening): Promise<Served> {
  const pod = readPodIdentity(environment);
  const routerClass = values.class ?? environment.SWITCHYARD_ROUTER_CLASS ?? "default";
  const group = { namespace: pod.namespace, routerClass };
  const tableFolder = environment.SWITCHYARD_TABLE_DIR;
  const serviceAccountFolder = environment.SWITCHYARD_SERVICE_ACCOUNT_DIR;
  const readCluster = readClusterOf({ pod, serviceAccountFolder });
  // Prometheus puts a pod's namespace on what it scrapes.
  const match = { namespace: pod.namespace };
  const drift = clusterShelf({ pod, routerClass, serviceAccountFolder });
  const cluster = { readCluster, match, drift };
  const parts = await assemble({ environment, settings, records, log }, group, cluster);
  return serveCluster({ pod, routerClass, tableFolder, serviceAccountFolder, parts, log });
}

interface ClusterSide {
  readCluster: ReadCluster | undefined;
  /** Labels that a store has put on the group's metrics unless the environment names others. */
  match?: Readonly<Record<string, string>>;
  drift?: DriftShelf;
}

function assemble(
  { environment, settings, records, log }: Omit<Opening, "values">,
  group: Group,
  { readCluster, match = {}, drift }: ClusterSide,
): Promise<RouterParts> {
  const telling = {
    maxTenants: environment.SWITCHYARD_MAX_TENANT_LABELS,
    slowMs: environment.SWITCHYARD_SLOW_REQUEST_MS,
  };
  const reach = reachBackends(undefined, readAwsEnvironment(process.env));
  const redis = redisSettings(environment);
  const store = groupStore(environment, match);
  const choices = { settings, group, reach, records, readCluster, redis, store, drift, log };
  return assembleRouter({ ...choices, ...telling });
}

function tellRefresh({ changed, digest, problems }: Refreshed, log: Log): void {
  log.info(changed ? "Loading a table" : "Keeping the table", { digest });
  for (const problem of problems)
    log.warn("Finding a problem in the configuration", { error: problem });
}

export const router: Command = { help, run };
