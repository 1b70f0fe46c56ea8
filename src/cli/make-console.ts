import { systemClock } from "../lib/index.ts";
import {
  GroupDesk,
  installConsole,
  type BackendState,
  type DriftLook,
  type Facts,
  type GroupStore,
  type Pod,
  type RecentTraffic,
  type ServedTable,
} from "../console/index.ts";
import {
  ignoredPlanProblems,
  sourceProblems,
  type ExtendAdminPort,
  type RouterParts,
} from "../router/index.ts";
import type { BackendEntry } from "../table/index.ts";
import type { LimitsReading } from "../telemetry/index.ts";

/** Where the last report of the drift job can be read. Neither rejects. */
export interface DriftShelf {
  look: () => Promise<DriftLook>;
  /** Its page; null where there is none. */
  page: () => Promise<string | null>;
}

interface Choices {
  pod: Pod;
  traffic: RecentTraffic;
  limits: () => LimitsReading;
  droppedRecords: () => number;
  drift: DriftShelf;
  /** Absent: this router knows of itself alone. */
  store?: GroupStore | undefined;
}

/** The console of a router: every look at it reads the router's own state, and calls nothing of it. */
export function makeConsole(choices: Choices): ExtendAdminPort {
  const group = new GroupDesk(choices.store, systemClock);
  return (server, access, parts) =>
    installConsole(server, access, {
      gather: async () => factsOf(choices, parts, await choices.drift.look()),
      driftPage: choices.drift.page,
      group,
      clock: systemClock,
    });
}

function factsOf(
  { pod, traffic, limits, droppedRecords }: Choices,
  parts: RouterParts,
  drift: DriftLook,
): Facts {
  const { budgets, store } = limits();
  return {
    at: parts.clock.now(),
    pod,
    table: servedTable(parts),
    problems: sourceProblems(parts),
    ignoredPlans: ignoredPlanProblems(parts.tables.current),
    backends: backendStates(parts),
    traffic: traffic.read(),
    budgets,
    limitStore: store,
    droppedRecords: droppedRecords(),
    drift,
  };
}

/** From a time of the clock that never steps back to one that people read. */
const originOf = ({ clock }: RouterParts): number => clock.now() - clock.elapsed();

function servedTable(parts: RouterParts): ServedTable | null {
  const { current, confirmedAt } = parts.tables;
  if (current === undefined) return null;
  const { digest, loadedAt, table } = current;
  const heardAt = confirmedAt === undefined ? null : originOf(parts) + confirmedAt;
  return { digest, loadedAt, confirmedAt: heardAt, entries: table };
}

function backendStates(parts: RouterParts): Map<string, BackendState> {
  const backends = Object.values(parts.tables.current?.table.backends ?? {});
  return new Map(backends.map((backend) => [backend.name, stateOf(backend, parts)]));
}

function stateOf(backend: BackendEntry, parts: RouterParts): BackendState {
  const { health, places, book } = parts;
  const origin = originOf(parts);
  const at = (elapsed: number | null) => (elapsed === null ? null : origin + elapsed);
  const { state, since, reason, until, failuresInRow, errorShare, slowShare } = health.describe(
    backend.name,
  );
  return {
    state,
    sinceAt: at(since),
    reason,
    probeAt: at(until),
    failuresInRow,
    errorShare,
    slowShare,
    ...places.count(backend.name),
    firstTokenP95Ms: book.firstTokenMs(backend, 0.95),
    tokensPerSecond: book.tokensPerSecond(backend),
  };
}
