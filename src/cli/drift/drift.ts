import { runDrift, type AccuracyLabel, type DriftRun } from "../../drift/index.ts";
import { connect, KubeError } from "../../kube/index.ts";
import { directorySink, s3Sink, type RecordSink } from "../../records/index.ts";
import { clusterEndpoint } from "../cluster-endpoint.ts";
import type { Command } from "../command.ts";
import { readEnvironment, type Environment } from "../environment.ts";
import { readFlags, refuseWords, wholeNumber } from "../flags.ts";
import type { Group } from "../folder-tables.ts";
import { LeftOut } from "../left-out.ts";
import { loadModel, shippedModel } from "../model-store.ts";
import { openConfig } from "../open-config.ts";
import { clickhouseSettings } from "../clickhouse-settings.ts";
import { storeUrlOf } from "../metric-store-variables.ts";
import { openPrometheus, prometheusStore, type PrometheusStore } from "../prometheus-settings.ts";
import { isBucket, openBucket, openRecords } from "../record-places.ts";
import { writeOut } from "../replace-file.ts";
import { timeOf } from "../time-range.ts";
import { UsageError } from "../usage-error.ts";
import { driftLines, driftText } from "./drift-text.ts";
import { sourcesOf, type SourcePlaces } from "./drift-source.ts";
import { askGoldenSets } from "./golden-labels.ts";
import { clusterPlace, folderPlace, type DriftPlace } from "./place.ts";

const help = `switchyard drift [flags]: whether latency, costs and accuracy of routes have moved

  --config DIR      the folder with the YAML files             (SWITCHYARD_CONFIG)
  --cluster         in place of it: the routes of the cluster, whose status then says what was
                    found, and the ConfigMap switchyard-CLASS-drift, which holds the report
  --namespace NAME  of the group        (POD_NAMESPACE; the folder's only one, or default)
  --class NAME      of the group        (SWITCHYARD_ROUTER_CLASS; likewise)
  --kubeconfig FILE outside of a pod                           (SWITCHYARD_KUBECONFIG)
  --force           take the ConfigMap over from whoever else has written to it
  --prometheus URL  a Prometheus-compatible store of routers' metrics
                                                               (SWITCHYARD_PROMETHEUS_URL)
  --clickhouse URL  in place of it a ClickHouse with routers' records
                                                               (SWITCHYARD_CLICKHOUSE_URL)
  --records PLACE   the folder with the records, or s3://BUCKET/PREFIX; with --prometheus for
                    labels alone  (SWITCHYARD_RECORD_DIR, SWITCHYARD_RECORD_S3; .switchyard)
  --routers URL     the admin port of routers, which then answer the golden sets of routes; with
                    its token                                  (SWITCHYARD_ADMIN_TOKEN)
  --window TIME     what is compared with what, such as 1d or 6h (1d): the newest with 30 before it
  --at TIME         look as if it were then
  --timeout SECONDS nothing is waited for beyond this time (3300)
  --out FILE        also writes the report as JSON
  --html FILE       also writes the report as a page with plots
  --json            a JSON line a route, as --cluster prints them

Without --cluster the report goes to drift/ beside the records, where a local router finds it.
docs/drift.md says what is measured and what it does. Exit code 0, also where something has drifted; 1 where
it could not look; 2 where a flag is wrong.`;

const options = {
  config: { type: "string" },
  cluster: { type: "boolean" },
  namespace: { type: "string" },
  class: { type: "string" },
  kubeconfig: { type: "string" },
  force: { type: "boolean" },
  prometheus: { type: "string" },
  clickhouse: { type: "string" },
  records: { type: "string" },
  routers: { type: "string" },
  window: { type: "string" },
  at: { type: "string" },
  timeout: { type: "string" },
  out: { type: "string" },
  html: { type: "string" },
  json: { type: "boolean" },
} as const;

type Values = ReturnType<typeof readFlags<typeof options>>["values"];

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, options);
  refuseWords(positionals);
  const environment = readEnvironment(process.env);
  const records = recordsOf(values, environment);
  if (values.cluster === true) return runInCluster({ values, environment, records });
  const config = await openConfig(values, environment);
  const folder = records ?? ".switchyard";
  const place = await folderPlace(config, isBucket(folder) ? ".switchyard" : folder);
  return lookAt(place, { values, environment, records: folder });
}

async function runInCluster(looking: Looking): Promise<number> {
  const { values, environment } = looking;
  if (values.config !== undefined)
    throw new UsageError("--cluster stands in place of --config: leave one of them out");
  const connection = connect(await clusterEndpoint(values.kubeconfig, environment));
  try {
    const place = await clusterPlace(connection, groupOf(values, environment), {
      force: values.force === true,
      instance: environment.POD_NAME,
    });
    return await lookAt(place, looking);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    console.error(`switchyard: ${explained(error)}`);
    return 1;
  } finally {
    await connection.close();
  }
}

const groupOf = (values: Values, environment: Environment): Group => ({
  namespace: values.namespace ?? environment.POD_NAMESPACE ?? "default",
  routerClass: values.class ?? environment.SWITCHYARD_ROUTER_CLASS ?? "default",
});

function explained(error: KubeError): string {
  if (error.code !== "Conflict") return error.message;
  return `${error.message}. Somebody else has written the report: --force takes it over`;
}

const recordsOf = ({ records }: Values, environment: Environment): string | undefined =>
  records ?? environment.SWITCHYARD_RECORD_DIR ?? environment.SWITCHYARD_RECORD_S3;

interface Looking {
  values: Values;
  environment: Environment;
  /** Where records are; undefined: nowhere. */
  records: string | undefined;
}

async function lookAt(place: DriftPlace, looking: Looking): Promise<number> {
  const { values } = looking;
  const seconds = wholeNumber("timeout", values.timeout, [1, 86_400]) ?? 3_300;
  const signal = AbortSignal.timeout(seconds * 1_000);
  const left = new LeftOut();
  const places = await openPlaces(looking, left);
  try {
    const made = await look(place, { ...looking, places, signal });
    left.tell();
    if (typeof made === "string") {
      console.error(`switchyard: ${made}`);
      return 1;
    }
    await place.write(made);
    if (values.out !== undefined) await writeOut(values.out, `${JSON.stringify(made.report)}\n`);
    if (values.html !== undefined) await writeOut(values.html, made.page);
    const isForLogs = values.json === true || values.cluster === true;
    for (const line of isForLogs ? driftLines(made.report, place.group) : forPeople(made, place))
      console.log(line);
    return 0;
  } finally {
    await places.prometheus?.client.close();
    places.records?.close();
  }
}

function forPeople({ report }: DriftRun, { page }: DriftPlace): string[] {
  const whereItIs = page === null ? [] : [`\nAs a page, with plots: ${page}`];
  return [driftText(report), ...whereItIs];
}

async function openPlaces(looking: Looking, left: LeftOut): Promise<SourcePlaces> {
  const { values, environment, records } = looking;
  const { store, clickhouse } = storesOf(values, environment);
  const isOnlyLabels = store !== null && values.records === undefined;
  const opened =
    // ClickHouse holds labels as well.
    records === undefined || clickhouse !== null
      ? null
      : await openRecords(records, environment).catch((error: unknown) => {
          // Metrics can be compared without the labels that records would hold.
          if (isOnlyLabels) return null;
          throw error;
        });
  return {
    prometheus: store === null ? null : { client: await openPrometheus(store), match: store.match },
    clickhouse,
    records: opened,
    left,
  };
}

/** The stores to ask: a flag names one in place of the environment's. */
function storesOf(values: Values, environment: Environment): Stores {
  const urls = urlsOf(values, environment);
  const usual: Readonly<Record<string, string>> =
    values.cluster === true ? { namespace: groupOf(values, environment).namespace } : {};
  const store =
    urls.prometheus === undefined
      ? null
      : prometheusStore({ ...environment, SWITCHYARD_PROMETHEUS_URL: urls.prometheus }, usual);
  const clickhouse =
    urls.clickhouse === undefined || store !== null
      ? null
      : clickhouseSettings({ ...environment, SWITCHYARD_CLICKHOUSE_URL: urls.clickhouse });
  return { store, clickhouse };
}

function urlsOf({ prometheus, clickhouse, records }: Values, environment: Environment) {
  if (prometheus !== undefined && clickhouse !== undefined)
    throw new UsageError("--prometheus and --clickhouse: figures come from one of them, name one");
  if ((prometheus ?? clickhouse ?? records) !== undefined)
    return {
      prometheus: storeUrlOf("prometheus", prometheus),
      clickhouse: storeUrlOf("clickhouse", clickhouse),
    };
  return {
    prometheus: environment.SWITCHYARD_PROMETHEUS_URL,
    clickhouse: environment.SWITCHYARD_CLICKHOUSE_URL,
  };
}

interface Stores {
  store: PrometheusStore | null;
  clickhouse: SourcePlaces["clickhouse"];
}

interface Look extends Looking {
  places: SourcePlaces;
  signal: AbortSignal;
}

/** @returns why it could not look, as a sentence, where it could not */
async function look(place: DriftPlace, order: Look): Promise<DriftRun | string> {
  const { values, places, signal } = order;
  const { group, found, previous } = place;
  const scope = {
    ...group,
    routes: found.routes.map(({ name, baseline }) => ({ name, baseline })),
    tenantFloor: 1_000,
  };
  const sources = await sourcesOf(places, scope);
  if (sources === undefined)
    throw new UsageError(
      "Say where figures are: --prometheus URL, --clickhouse URL or --records PLACE",
    );
  const asked = await freshLabels(place, order);
  const now = Date.now();
  try {
    const made = await runDrift({
      at: values.at === undefined ? now : timeOf("at", values.at, now).getTime(),
      windowMs: windowOf(values.window ?? "1d", now),
      routes: found.routes,
      ...sources,
      freshLabels: asked.labels,
      previous,
      missing: [...found.missing, ...asked.missing],
      title: `Drift of ${group.namespace}/${group.routerClass}`,
      signal,
    });
    return made.ok ? made.value : made.error;
  } finally {
    await sources.source.close();
    await sources.labelSource?.close();
  }
}

const day = 86_400_000;

/** In milliseconds. @throws UsageError */
function windowOf(text: string, now: number): number {
  const windowMs = now - timeOf("window", text, now).getTime();
  if (windowMs >= day / 144 && windowMs <= 31 * day) return windowMs;
  throw new UsageError(`--window must be from 10m to 31d, not "${text}"`);
}

interface Fresh {
  labels: AccuracyLabel[];
  missing: string[];
}

async function freshLabels(place: DriftPlace, order: Look): Promise<Fresh> {
  const { values, environment, records, signal } = order;
  const { routes } = place.found;
  if (routes.every(({ goldenSet }) => goldenSet === null)) return { labels: [], missing: [] };
  if (values.routers === undefined) {
    const missing = "Golden sets were not asked: --routers names no admin port that answers them.";
    return { labels: [], missing: [missing] };
  }
  const sink = records === undefined ? null : await openSink(records, environment);
  try {
    return await askGoldenSets({
      routes,
      setOf: place.setOf,
      url: values.routers,
      token: environment.SWITCHYARD_ADMIN_TOKEN,
      model: await loadModel(shippedModel),
      sink,
      signal,
    });
  } finally {
    await sink?.close();
  }
}

async function openSink(place: string, environment: Environment): Promise<RecordSink> {
  const report = (message: string) => console.error(message);
  if (isBucket(place)) return s3Sink(await openBucket(place, environment), { report });
  return directorySink(place, { report });
}

export const drift: Command = { help, run };
