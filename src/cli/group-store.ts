import type { GroupStore } from "../console/index.ts";
import type { PrometheusClient } from "../drift/index.ts";
import type { Environment } from "./environment.ts";
import { openPrometheus, prometheusStore, queryPrometheus } from "./prometheus-settings.ts";

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
  let client: Promise<PrometheusClient> | undefined;
  return {
    match: store.match,
    ask: async (query, signal) => {
      client ??= openPrometheus(store);
      return queryPrometheus(await client, query, signal);
    },
  };
}
