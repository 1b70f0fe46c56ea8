import type { GroupStore } from "../console/index.ts";
import type { PrometheusClient } from "../drift/index.ts";
import type { Environment } from "./environment.ts";
import { openPrometheus, prometheusStore, queryPrometheus } from "./prometheus-settings.ts";

/**
 * Some ten thousand series. A router holds a few such answers at once in the memory that it serves from, and reads
 * them between requests.
 */
const longestAnswer = 2 * 1_024 * 1_024;

/**
 * What a console asks for the whole group; undefined where no store is named. It is opened by the first look.
 *
 * @param usual as of `prometheusStore`
 * @throws UsageError
 */
export function groupStore(
  environment: Environment,
  usual: Readonly<Record<string, string>> = {},
): GroupStore | undefined {
  const store = prometheusStore(environment, usual);
  if (store === null) return undefined;
  const settings = { ...store.settings, mostBytes: longestAnswer };
  let client: Promise<PrometheusClient> | undefined;
  return {
    match: store.match,
    ask: async (query, signal) => {
      client ??= openPrometheus({ ...store, settings });
      return queryPrometheus(await client, query, signal);
    },
  };
}
