import { ApiError, parseChatRequest, type ChatRequest } from "../../openai/index.ts";
import type { RouteEntry } from "../../table/index.ts";
import { parseJson } from "../parse-json.ts";
import type { Snapshot } from "../snapshot.ts";

/** Which route answers a replay, and which of its candidates; null: the one that the route chooses. */
export interface ReplayOrder {
  route: RouteEntry;
  candidate: string | null;
}

/**
 * What the query orders: `route=R`, and `candidate=B` where one is meant.
 *
 * @throws ApiError naming the parameter and what there is
 */
export function readOrder(query: unknown, { table }: Snapshot): ReplayOrder {
  const told = new Map(Object.entries(query ?? {}));
  const name = told.get("route");
  const found = typeof name === "string" ? named(table.routes, name) : undefined;
  const route = found && withoutShares(found);
  if (route === undefined) {
    const known = Object.keys(table.routes).toSorted().join(", ").slice(0, 1_024);
    throw wrong("route", `must be one of the routes ${known}`);
  }
  const candidate = told.get("candidate") ?? null;
  if (candidate === null) return { route, candidate };
  const known = route.candidates.map(({ backend }) => backend);
  if (typeof candidate !== "string" || !known.includes(candidate))
    throw wrong("candidate", `must be one of the candidates of ${route.name}: ${known.join(", ")}`);
  return { route, candidate };
}

/** How much of the traffic a candidate may have is no matter of a replay. */
function withoutShares(route: RouteEntry): RouteEntry {
  const candidates = route.candidates.map(({ maxSharePercent: _share, ...candidate }) => candidate);
  return { ...route, candidates };
}

const named = <Entry>(entries: Readonly<Record<string, Entry>>, name: string) =>
  Object.hasOwn(entries, name) ? entries[name] : undefined;

/**
 * What is asked; the model may be left out, since the query says who answers.
 *
 * @throws ApiError naming the field at fault
 */
export function readReplay(body: string, route: RouteEntry): ChatRequest {
  const value = parseJson(body);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const parsed = parseChatRequest(isObject ? { model: route.models[0], ...value } : value);
  if (!parsed.ok) throw parsed.error;
  if (parsed.value.stream === true) throw wrong("stream", "must be false: a replay comes whole");
  return parsed.value;
}

const wrong = (param: string, problem: string): ApiError =>
  new ApiError("invalid_request_error", `${param} ${problem}`, { param });
