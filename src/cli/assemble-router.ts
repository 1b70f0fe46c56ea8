import { hostname } from "node:os";
import { systemClock } from "../lib/index.ts";
import {
  makeBedrock,
  makeGuardrails,
  makeSageMaker,
  type ReachBackend,
} from "../providers/index.ts";
import { RecentTraffic, type GroupStore } from "../console/index.ts";
import { teeSink, type RecordSink } from "../records/index.ts";
import {
  AttemptBudgets,
  CandidateShares,
  TableHolder,
  type RouterParts,
  type RouterSettings,
  type Snapshot,
  BackendPlaces,
  FilterShelf,
  Shadows,
} from "../router/index.ts";
import { BackendHealth, LatencyBook, type HealthChange } from "../routing/index.ts";
import type { ReadCluster, RedisSettings } from "../tenancy/index.ts";
import { makeTelemetry, type Log, type Telemetry } from "../telemetry/index.ts";
import { makeCallers } from "./make-callers.ts";
import type { Group } from "./folder-tables.ts";
import { guardrailFilter } from "./guardrail-filter.ts";
import { openLimits } from "./limit-store.ts";
import { makeConsole, type DriftShelf } from "./make-console.ts";
import { loadClassifier } from "./model-store.ts";
import { tellIgnoredPlans } from "./tell-ignored-plans.ts";
import { version } from "./version.ts";

interface Choices {
  settings: RouterSettings;
  group: Group;
  reach: ReachBackend;
  records: RecordSink;
  maxTenants: number;
  /** Requests slower than this are traced where a ratio samples; absent: 10,000. */
  slowMs?: number;
  /** Absent: there is no cluster whose ServiceAccounts could be known. */
  readCluster?: ReadCluster | undefined;
  /** Where tenants' limits are counted; null: in the router's memory. */
  redis: RedisSettings | null;
  /** Absent: the console shows no drift report. */
  drift?: DriftShelf | undefined;
  /** What the console asks for the whole group; absent: nothing. */
  store?: GroupStore | undefined;
  log: Log;
}

/** Tells of a backend that was ejected, or is back: whoever is on call wants to know when it began. */
function tellOf({ backend, ejectedFor }: HealthChange, telemetry: Telemetry, log: Log): void {
  if (ejectedFor === null) {
    log.info("Taking a backend back into its chains", { backend });
    return;
  }
  telemetry.backendEjected(backend, ejectedFor);
  log.warn("Ejecting a backend from its chains", { backend, reason: ejectedFor });
}

const noDrift: DriftShelf = {
  look: async () => ({ kind: "none", why: "this router was told of no place where one is kept" }),
  page: async () => null,
};

/** Puts a router together from its real parts. */
export async function assembleRouter(choices: Choices): Promise<RouterParts> {
  const { settings, group, reach, records, log } = choices;
  const loading = loadClassifier();
  // Whoever waits for it is told; until then something else may have gone wrong first.
  loading.catch(() => undefined);
  const telemetry = await makeTelemetry({
    serviceName: "switchyard-router",
    serviceVersion: version,
    instance: hostname(),
    ...group,
    maxTenants: choices.maxTenants,
    ...(choices.slowMs === undefined ? {} : { slowMs: choices.slowMs }),
    log,
  });
  telemetry.watchDroppedRecords(() => records.dropped());
  const book = new LatencyBook(systemClock);
  const budgets = new AttemptBudgets(systemClock);
  const shares = new CandidateShares(systemClock);
  const { limits, reading } = await openLimits(choices.redis, telemetry, log);
  const traffic = new RecentTraffic(systemClock);
  const places = new BackendPlaces();
  const guardrails = makeGuardrails({ reach });
  const filters = new FilterShelf({
    makeGuardrail: (filter) => guardrailFilter(filter, guardrails),
    close: async () => guardrails.close(),
  });
  const health = new BackendHealth(systemClock, Math.random, (change) =>
    tellOf(change, telemetry, log),
  );
  const builtIn = await loading;
  const callers = makeCallers({ telemetry, log, readCluster: choices.readCluster });
  const follow = (snapshot: Snapshot) => {
    const { table, tokens } = snapshot;
    tellIgnoredPlans(snapshot, log);
    callers.adopt(tokens);
    book.retain(table);
    health.retain(table);
    places.adopt(table);
    budgets.retain(table);
    shares.retain(table);
    filters.adopt(table);
    limits.retain(table);
    traffic.retain(table);
  };
  return {
    settings,
    tables: new TableHolder(systemClock, telemetry, follow, builtIn),
    callers,
    providers: { Bedrock: makeBedrock({ reach }), SageMaker: makeSageMaker({ reach }) },
    book,
    health,
    places,
    budgets,
    shadows: new Shadows(),
    shares,
    filters,
    limits,
    telemetry,
    records: teeSink(records, traffic),
    extendAdminPort: makeConsole({
      pod: { name: hostname(), ...group, version, startedAt: systemClock.now() },
      traffic,
      limits: reading,
      droppedRecords: () => records.dropped(),
      drift: choices.drift ?? noDrift,
      store: choices.store,
    }),
    clock: systemClock,
    random: Math.random,
    onFault: (error, requestId) =>
      log.error("Serving a request failed", { request_id: requestId, error }),
  };
}
