/** Labels as Prometheus writes them. */
export const label = {
  route: "switchyard_route",
  backend: "switchyard_backend",
  tenant: "switchyard_tenant",
  outcome: "switchyard_outcome",
  state: "switchyard_state",
  limit: "switchyard_limit",
  digest: "switchyard_table_digest",
} as const;

const lately = "[5m]";
const aDay = "[24h]";

/** All that is ever asked: nothing of a page's address is in any of them. */
export type GroupQuery =
  | "tables"
  | "requests"
  | "fallbacks"
  | "states"
  | "cost"
  | "baseline"
  | "saved"
  | "used"
  | "most"
  | "firstTokenP50"
  | "firstTokenP95"
  | "totalP50"
  | "totalP95";

/** @param match labels that the store has put on the group's series, such as their namespace */
export function groupQueries(match: Readonly<Record<string, string>>): Record<GroupQuery, string> {
  const own = Object.entries(match).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const series = (name: string, ...more: string[]) => {
    const matchers = [...own, ...more];
    return matchers.length === 0 ? name : `${name}{${matchers.join(",")}}`;
  };
  const sum = (by: readonly string[], what: string) => `sum by (${by.join(", ")}) (${what})`;
  const quantile = (share: number, metric: string, ...more: string[]) => {
    // Over OTLP the unit is part of the name.
    const buckets = `{${[`__name__=~"${metric}(_seconds)?_bucket"`, ...own, ...more].join(",")}}`;
    const rates = sum(["le", label.route, label.backend], `rate(${buckets}${lately})`);
    return `histogram_quantile(${share}, ${rates})`;
  };
  const firstToken = "gen_ai_client_operation_time_to_first_chunk";
  const total = "gen_ai_client_operation_duration";
  // What was cut short tells no time; what ran into its bound does.
  const timed = [`switchyard_attempt_cancelled=""`, `error_type=~"|timeout|slow_first_token"`];
  const spent = (name: string) => sum([label.tenant], `increase(${series(name)}${aDay})`);
  const budget = (name: string) => `max by (${label.tenant}, ${label.limit}) (${series(name)})`;
  return {
    tables: `count by (${label.digest}) (${series("switchyard_table_info")})`,
    requests: sum(
      [label.route, label.outcome],
      `rate(${series("switchyard_requests_total")}${lately})`,
    ),
    fallbacks: sum([label.route], `rate(${series("switchyard_fallbacks_total")}${lately})`),
    states: sum([label.backend, label.state], series("switchyard_backend_state")),
    cost: spent("switchyard_cost_usd_total"),
    baseline: spent("switchyard_baseline_cost_usd_total"),
    saved: spent("switchyard_saved_usd_total"),
    used: budget("switchyard_limits_used"),
    most: budget("switchyard_limits_budget"),
    firstTokenP50: quantile(0.5, firstToken),
    firstTokenP95: quantile(0.95, firstToken),
    totalP50: quantile(0.5, total, ...timed),
    totalP95: quantile(0.95, total, ...timed),
  };
}
