// What a router's console is made from, as a router at rest would have it, with what a test changes.
import { RecentTraffic, type BackendState, type Facts } from "../../src/console/index.ts";
import type { Clock } from "../../src/lib/index.ts";
import type { RequestRecord } from "../../src/records/index.ts";
import type { RouteEntry, RoutingTable } from "../../src/table/index.ts";
import { backendEntry, byName, routeEntry } from "../unit/routing/sample-entries.ts";
import { makeAttemptRecord, makeRecord } from "./observations.ts";

export const now = Date.parse("2027-03-04T12:00:00.000Z");

/** A clock that a test moves. */
export function handClock(): Clock & { pass: (ms: number) => void } {
  let elapsed = 60 * 60_000;
  return {
    now: () => now + elapsed - 60 * 60_000,
    elapsed: () => elapsed,
    pass: (ms) => void (elapsed += ms),
  };
}

const [a, b] = [backendEntry("a"), backendEntry("b")];

export const tableOf = (
  routes: readonly RouteEntry[] = [
    routeEntry([a, b], { name: "chat", baseline: "b", selection: "Ordered" }),
  ],
  changes: Partial<RoutingTable> = {},
): RoutingTable => ({
  schemaVersion: 1,
  group: { namespace: "shop", routerClass: "default" },
  backends: byName([a, b]),
  routes: Object.fromEntries(routes.map((route) => [route.name, route])),
  tenants: {},
  plans: {},
  ...changes,
});

export const backendState = (changes: Partial<BackendState> = {}): BackendState => ({
  state: "closed",
  sinceAt: null,
  reason: null,
  probeAt: null,
  failuresInRow: 0,
  errorShare: 0,
  slowShare: 0,
  inFlight: 0,
  queued: 0,
  firstTokenP95Ms: 400,
  tokensPerSecond: 80,
  ...changes,
});

/** A request to `chat` that backend `a` answered. */
export const answered = (changes: Partial<RequestRecord> = {}): RequestRecord =>
  makeRecord({ route: "chat", attempts: [makeAttemptRecord({ backend: "a" })], ...changes });

export const failed = (error: string, backend = "a"): RequestRecord =>
  answered({
    status: 502,
    level: "error",
    error_type: "server_error",
    attempts: [makeAttemptRecord({ backend, error_type: error, status: 500 })],
  });

/** What a router has seen that was handed these records. */
export function trafficOf(records: readonly RequestRecord[], clock: Clock = handClock()) {
  const traffic = new RecentTraffic(clock);
  for (const record of records) traffic.write(record);
  return traffic;
}

export function factsOf(
  changes: Partial<Facts> & { records?: readonly RequestRecord[] } = {},
): Facts {
  const { records = [], ...rest } = changes;
  return {
    at: now,
    pod: {
      name: "router-7d9f-abcde",
      namespace: "shop",
      routerClass: "default",
      version: "1.2.3",
      startedAt: now - 3_600_000,
    },
    table: servedTable(),
    problems: [],
    ignoredPlans: [],
    backends: new Map([
      ["a", backendState()],
      ["b", backendState()],
    ]),
    traffic: trafficOf(records).read(),
    budgets: [],
    limitStore: null,
    droppedRecords: 0,
    drift: { kind: "none", why: "the job has not run yet" },
    ...rest,
  };
}

export const servedTable = (
  entries: RoutingTable = tableOf(),
  changes: Partial<NonNullable<Facts["table"]>> = {},
): NonNullable<Facts["table"]> => ({
  digest: "sha256:0123456789abcdef",
  loadedAt: now - 600_000,
  confirmedAt: now - 2_000,
  entries,
  ...changes,
});
