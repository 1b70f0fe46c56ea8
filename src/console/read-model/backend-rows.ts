import type { BackendEntry } from "../../table/index.ts";
import type { BackendRow } from "../console-view.ts";
import type { BackendState, Facts } from "../facts.ts";

const worst = ["open", "half_open", "closed"] as const;

/** Every backend of the table: those that are ejected first, then those with most to do. */
export function backendRows(facts: Facts): BackendRow[] {
  if (facts.table === null) return [];
  const { routes, backends } = facts.table.entries;
  const serving = new Map<string, string[]>();
  for (const { name, candidates } of Object.values(routes)) {
    for (const { backend } of candidates)
      serving.set(backend, [...(serving.get(backend) ?? []), name]);
  }
  return Object.values(backends)
    .flatMap((backend) => {
      const state = facts.backends.get(backend.name);
      return state === undefined ? [] : [rowOf(backend, state, serving.get(backend.name) ?? [])];
    })
    .toSorted(
      (left, right) =>
        worst.indexOf(left.state) - worst.indexOf(right.state) ||
        right.queued - left.queued ||
        right.inFlight - left.inFlight ||
        left.backend.localeCompare(right.backend),
    );
}

function rowOf(backend: BackendEntry, state: BackendState, routes: readonly string[]): BackendRow {
  const { name, target, tier, concurrency } = backend;
  return {
    backend: name,
    model: target.type === "Bedrock" ? target.modelId : target.endpointName,
    region: target.region,
    tier,
    ...state,
    mostInFlight: concurrency?.max ?? null,
    mostQueued: concurrency?.maxQueued ?? 0,
    routes,
  };
}
