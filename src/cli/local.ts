import { relative } from "node:path";
import { directorySink, teeSink } from "../records/index.ts";
import { startSimulator, type Simulator } from "../simulators/index.ts";
import { makeLog } from "../telemetry/index.ts";
import { groupStore } from "./group-store.ts";
import { assembleRouter } from "./assemble-router.ts";
import { readAwsEnvironment } from "./aws-environment.ts";
import { reachBackends } from "./backend-reach.ts";
import { banner } from "./banner.ts";
import type { Command } from "./command.ts";
import { LocalDrift } from "./drift/local-drift.ts";
import { readEnvironment } from "./environment.ts";
import { portRange, readFlags, refuseWords, wholeNumber } from "./flags.ts";
import type { Refreshed } from "./folder-tables.ts";
import { listenProblem } from "./listen-problem.ts";
import { logLines } from "./log-lines.ts";
import { openConfig } from "./open-config.ts";
import { redisSettings } from "./limit-store.ts";
import { beginPlanning, preparePlanning } from "./plan-locally.ts";
import { requireRecordFolder } from "./record-folder.ts";
import { readClusterBy } from "./read-cluster.ts";
import { requestLines } from "./request-line.ts";
import { listenOptions, routerSettings } from "./router-settings.ts";
import { needsSimulators } from "./needs-simulators.ts";
import { serveFolder } from "./serve-folder.ts";
import { untilStopped } from "./until-stopped.ts";
import { version } from "./version.ts";

const help = `switchyard local [flags]: a router on this machine, from a folder of YAML, with simulated models

  --config DIR         the folder with the YAML files     (SWITCHYARD_CONFIG; test/fixtures/local)
  --host HOST          where the API listens              (SWITCHYARD_HOST; 127.0.0.1)
  --port N             its port, 0 for any free one       (SWITCHYARD_PORT; 8080)
  --admin-host HOST    where the admin port listens       (SWITCHYARD_ADMIN_HOST; 127.0.0.1)
  --admin-port N       its port                           (SWITCHYARD_ADMIN_PORT; 8081)
  --record DIR         where records, labels and plans are kept  (SWITCHYARD_RECORD_DIR; .switchyard)
  --namespace NAME     which group's routes to serve, where the folder holds several
  --class NAME         likewise
  --speed N            how much quicker than real models the simulators answer (1)
  --seed N             of the simulators' chances (1)
  --simulator-port N   the simulators' port (0: any free one)

Simulators of Bedrock and SageMaker answer for every backend that names no endpoint. Edits of the
files are loaded as they are saved. Where the folder holds no plans, one is made for each Certified
route, at the start and every quarter of an hour; where answers are simulated, candidates answer the
folder's golden set for it first. Ctrl-C lets requests under way end, then stops.`;

const options = {
  config: { type: "string" },
  ...listenOptions,
  record: { type: "string" },
  namespace: { type: "string" },
  class: { type: "string" },
  speed: { type: "string" },
  seed: { type: "string" },
  "simulator-port": { type: "string" },
} as const;

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, options);
  refuseWords(positionals);
  const environment = readEnvironment(process.env);
  const settings = routerSettings(environment, values, "127.0.0.1");
  const config = await openConfig(values, environment, "test/fixtures/local");
  const { folder, manifests, group } = config;
  const recordFolder = await requireRecordFolder(
    values.record ?? environment.SWITCHYARD_RECORD_DIR ?? ".switchyard",
  );
  const simulator = needsSimulators(manifests) ? await startSimulators(values) : undefined;
  const log = makeLog({
    level: environment.SWITCHYARD_LOG_LEVEL,
    output: logLines(process.stderr),
  });
  const records = teeSink(
    requestLines((line) => process.stdout.write(`${line}\n`)),
    directorySink(recordFolder, { report: (message) => log.error(message) }),
  );
  const reach = reachBackends(simulator, readAwsEnvironment(process.env));
  const maxTenants = environment.SWITCHYARD_MAX_TENANT_LABELS;
  const slowMs = environment.SWITCHYARD_SLOW_REQUEST_MS;
  const readCluster = readClusterBy(environment);
  const knowsCluster = readCluster !== undefined;
  const drift = new LocalDrift(group, recordFolder);
  const parts = await assembleRouter({
    settings,
    group,
    reach,
    records,
    maxTenants,
    slowMs,
    readCluster,
    redis: redisSettings(environment),
    drift: drift.shelf(),
    store: groupStore(environment),
    log,
  });
  parts.telemetry.watchDrift(() => drift.readings());
  const isSimulated = simulator !== undefined;
  const planning = await preparePlanning({ config, recordFolder, isSimulated });
  const stopped = untilStopped();
  try {
    const served = await serveFolder({
      folder,
      group,
      parts,
      knowsCluster,
      made: planning?.made,
      beside: { configMaps: () => drift.configMaps(), watch: (act) => drift.watch(act) },
      onRefresh: tellRefresh,
    });
    tellProblems(served.first.problems);
    const { url, adminUrl } = served.router;
    const simulatorUrl = simulator === undefined ? {} : { simulatorUrl: simulator.url };
    const { table } = served.first;
    const shown = relative("", folder.folder) || ".";
    process.stdout.write(
      banner({
        version,
        folder: shown,
        recordFolder,
        url,
        adminUrl,
        ...simulatorUrl,
        table,
        asked: planning?.sets,
      }),
    );
    process.stdout.write("\n");
    const { adminToken } = settings;
    const plans = beginPlanning(planning, { served, recordFolder, records, adminToken });
    await stopped;
    process.stdout.write(
      "Stopping: letting requests under way end (Ctrl-C again to stop at once)\n",
    );
    await plans?.stop();
    await served.stop();
  } finally {
    await simulator?.close();
  }
  return 0;
}

async function startSimulators(values: Record<string, string | undefined>): Promise<Simulator> {
  return startSimulator({
    port: wholeNumber("simulator-port", values["simulator-port"], portRange) ?? 0,
    seed: wholeNumber("seed", values["seed"], [0, 0xffff_ffff]) ?? 1,
    speed: wholeNumber("speed", values["speed"], [1, 1_000_000]) ?? 1,
  }).catch((error: unknown) => listenProblem(error, "--simulator-port"));
}

function tellRefresh({ changed, digest, problems }: Refreshed): void {
  if (changed) process.stdout.write(`Loaded table ${digest.slice(0, 12)}\n`);
  else if (problems.length > 0) process.stdout.write("The table stays as it was\n");
  else process.stdout.write("All problems are solved; the table is as it was\n");
  tellProblems(problems);
}

function tellProblems(problems: readonly string[]): void {
  for (const problem of problems) process.stderr.write(`  ${problem}\n`);
}

export const local: Command = { help, run };
