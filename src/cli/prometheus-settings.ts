import type { PrometheusClient, PrometheusSettings } from "../drift/index.ts";
import { err, ok, type Result } from "../lib/index.ts";
import { authorityIn } from "./authority-file.ts";
import type { Environment } from "./environment.ts";
import {
  ambientCredentials,
  type FindCredentials,
  prometheusAuthorization,
} from "./prometheus-authorization.ts";
import { UsageError } from "./usage-error.ts";

/** A Prometheus-compatible store that the environment names. */
export interface PrometheusStore {
  settings: PrometheusSettings;
  /** Labels that it puts on the series of the group's routers. */
  match: Readonly<Record<string, string>>;
}

/**
 * Null where no store is named.
 *
 * @param usual labels to match by where the environment says nothing of them: in a cluster the group's namespace
 * @throws UsageError naming the variable at fault
 */
export function prometheusStore(
  environment: Environment,
  usual: Readonly<Record<string, string>> = {},
  credentials: FindCredentials = ambientCredentials(),
): PrometheusStore | null {
  const { SWITCHYARD_PROMETHEUS_URL: url } = environment;
  if (url === undefined) return refuseAlone(environment);
  const authorize = prometheusAuthorization(environment, url, credentials);
  const { SWITCHYARD_PROMETHEUS_ORG_ID: orgId, SWITCHYARD_PROMETHEUS_MATCH: match } = environment;
  const ca = authorityIn(environment, "SWITCHYARD_PROMETHEUS_CA_FILE");
  return {
    settings: {
      url,
      ...(authorize === undefined ? {} : { authorize }),
      ...(orgId === undefined ? {} : { orgId }),
      ...(ca === undefined ? {} : { ca }),
    },
    match: match === undefined ? usual : labelsIn(match),
  };
}

/** The client is loaded here: a process that names no store never reads it. */
export async function openPrometheus({ settings }: PrometheusStore): Promise<PrometheusClient> {
  const { prometheusClient } = await import("../drift/index.ts");
  return prometheusClient(settings);
}

/** The value now of each series that an instant query gives; what goes wrong is a sentence, and nothing is thrown. */
export async function queryPrometheus(
  client: PrometheusClient,
  query: string,
  signal: AbortSignal,
): Promise<
  Result<readonly { labels: Readonly<Record<string, string>>; value: number | null }[], string>
> {
  try {
    return ok(await client.query(query, { signal }));
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

/** What would be of use with an address alone. */
function refuseAlone(environment: Environment): null {
  const alone = Object.entries(environment).find(
    ([name, value]) => name.startsWith("SWITCHYARD_PROMETHEUS_") && value !== undefined,
  );
  if (alone === undefined) return null;
  throw new UsageError(
    `${alone[0]}: say with SWITCHYARD_PROMETHEUS_URL where the store is, or leave this out`,
  );
}

/** `namespace=shop,job=routers`, or `none`. @throws UsageError */
function labelsIn(text: string): Record<string, string> {
  if (text === "none") return {};
  const pairs = text.split(",").map((pair) => /^\s*([A-Za-z_]\w*)=(.*\S)\s*$/.exec(pair));
  if (pairs.includes(null))
    throw new UsageError(
      "SWITCHYARD_PROMETHEUS_MATCH: write labels as in namespace=shop,job=routers, or none",
    );
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
}
