import type { SourceScope } from "../histogram-source.ts";
import type { PrometheusClient } from "./prometheus-client.ts";

/** All that a question to the store needs. */
export interface Asking {
  client: PrometheusClient;
  scope: SourceScope;
  match: Readonly<Record<string, string>>;
  /** What the group's series match, a query for each of them. */
  matchers: readonly (readonly string[])[];
  signal: AbortSignal;
}
