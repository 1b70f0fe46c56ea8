import { readFile } from "node:fs/promises";
import { connect, KubeError, type Connection } from "../kube/index.ts";
import { planShards, type PlanEntry, type RoutingTable } from "../table/index.ts";
import type { Command } from "./command.ts";
import { clusterEndpoint } from "./cluster-endpoint.ts";
import { readEnvironment, type Environment } from "./environment.ts";
import { readFlags, refuseWords } from "./flags.ts";
import type { Group } from "./folder-tables.ts";
import { LeftOut } from "./left-out.ts";
import { loadModel, shippedModel } from "./model-store.ts";
import { openConfig } from "./open-config.ts";
import { lastPlans, publishedTable, writePlans, writtenPlans } from "./plan-cluster.ts";
import { planConfigMaps, planYaml, readPlanYaml } from "./plan-config-map.ts";
import { runPlanJob, type PlanRun } from "./plan-job.ts";
import { planLines, planTable } from "./plan-report.ts";
import { withinRoom } from "./plan-room.ts";
import { openRecords, usualPlace } from "./record-places.ts";
import { writeOut } from "./replace-file.ts";
import { tableOfFolder } from "./table-of-folder.ts";
import { timeOf } from "./time-range.ts";
import { UsageError } from "./usage-error.ts";

const help = `switchyard plan [flags]: makes each route's and tenant's plan from records and labels

  --config DIR      the folder with the YAML files             (SWITCHYARD_CONFIG)
  --out FILE        where the plans go, as a ConfigMap that compile takes; - for standard output
  --previous FILE   the last run's plans (--out, where it is there)
  --cluster         in place of these three: the table that routers serve, and the ConfigMap
                    switchyard-CLASS-plans
  --namespace NAME  of the group        (POD_NAMESPACE; the folder's only one, or default)
  --class NAME      of the group        (SWITCHYARD_ROUTER_CLASS; likewise)
  --kubeconfig FILE outside of a pod                           (SWITCHYARD_KUBECONFIG)
  --force           take the ConfigMap over from whoever else has written to it
  --records PLACE   the folder with the records, or s3://BUCKET/PREFIX
                               (SWITCHYARD_RECORD_DIR, SWITCHYARD_RECORD_S3; .switchyard)
  --now TIME        plan as if it were then; for trying things out
  --json            a JSON line a plan and a finding, as --cluster prints them

docs/plans.md says what a plan is and what it guarantees. Exit code 0, also where no plan can be
certified; 1 where records or the cluster cannot be read or written; 2 where a flag is wrong.`;

const options = {
  config: { type: "string" },
  out: { type: "string" },
  previous: { type: "string" },
  cluster: { type: "boolean" },
  namespace: { type: "string" },
  class: { type: "string" },
  kubeconfig: { type: "string" },
  force: { type: "boolean" },
  records: { type: "string" },
  now: { type: "string" },
  json: { type: "boolean" },
} as const;

type Values = ReturnType<typeof readFlags<typeof options>>["values"];

/** Where a run reads what it plans for, and where its plans go. */
interface Place {
  table: RoutingTable;
  previous: readonly PlanEntry[];
  /** ConfigMaps that the plans may take. */
  maps: number;
  write: (run: PlanRun) => Promise<void>;
}

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, options);
  refuseWords(positionals);
  const environment = readEnvironment(process.env);
  const now =
    values.now === undefined ? Date.now() : timeOf("now", values.now, Date.now()).getTime();
  if (values.cluster !== true) {
    await planAndWrite(await folderPlace(values, environment), values, environment, now);
    return 0;
  }
  if (values.config !== undefined || values.out !== undefined || values.previous !== undefined) {
    throw new UsageError("--cluster stands in place of --config, --out and --previous");
  }
  const connection = connect(await clusterEndpoint(values.kubeconfig, environment));
  try {
    await planAndWrite(
      await clusterPlace(connection, values, environment),
      values,
      environment,
      now,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    console.error(`switchyard: ${explained(error)}`);
    return 1;
  } finally {
    await connection.close();
  }
}

async function planAndWrite(
  { table, previous, maps, write }: Place,
  values: Values,
  environment: Environment,
  now: number,
): Promise<void> {
  const left = new LeftOut();
  const store = await openRecords(values.records ?? usualPlace(environment), environment);
  try {
    const { digest: builtInClassifier } = await loadModel(shippedModel);
    const run = await runPlanJob({ table, store, previous, builtInClassifier, now, left });
    const made = withinRoom(run, { ...table.group, maps, previous });
    left.tell();
    await write(made);
    const isForLogs = values.json === true || values.cluster === true;
    const lines = isForLogs ? planLines(made, { ...table.group, now }) : [planTable(made)];
    // What is asked for on standard output stands there alone.
    const print = values.out === "-" ? console.error : console.log;
    for (const line of lines) print(line);
  } finally {
    store.close();
  }
}

async function folderPlace(values: Values, environment: Environment): Promise<Place> {
  const { out } = values;
  if (out === undefined)
    throw new UsageError("--out must name the file to write, or - for standard output");
  const config = await openConfig(values, environment);
  return {
    table: tableOfFolder(config),
    previous: await previousPlans(values),
    maps: Infinity,
    write: async ({ plans }) => {
      const text = planYaml(planConfigMaps(config.group, plans));
      if (out === "-") process.stdout.write(text);
      else await writeOut(out, text);
    },
  };
}

/** @throws UsageError where the file is there and holds none, or is not there and was named */
async function previousPlans({ previous, out }: Values): Promise<PlanEntry[]> {
  const file = previous ?? (out === "-" ? undefined : out);
  if (file === undefined) return [];
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (previous === undefined && error.code === "ENOENT") return undefined;
    throw new UsageError(`--previous: ${file} cannot be read: ${error.message}`);
  });
  if (text === undefined) return [];
  const plans = readPlanYaml(text);
  if (plans.ok) return plans.value;
  throw new UsageError(
    `${file} holds no plans: ${plans.error}. Name the last run's file with --previous, or remove it`,
  );
}

async function clusterPlace(
  connection: Connection,
  values: Values,
  environment: Environment,
): Promise<Place> {
  const group: Group = {
    namespace: values.namespace ?? environment.POD_NAMESPACE ?? "default",
    routerClass: values.class ?? environment.SWITCHYARD_ROUTER_CLASS ?? "default",
  };
  const table = await publishedTable(connection, group);
  const written = await writtenPlans(connection, group);
  const force = values.force === true;
  return {
    table,
    previous: lastPlans(written, table),
    maps: planShards,
    write: (made) => writePlans(connection, group, made.plans, { before: written.shards, force }),
  };
}

function explained(error: KubeError): string {
  if (error.code !== "Conflict") return error.message;
  return `${error.message}. Somebody else has written the plans: --force takes them over`;
}

export const plan: Command = { help, run };
