import {
  type BrokenLine,
  duckdbEvidence,
  emptyTally,
  plainEvidence,
  type EvidenceSource,
  type EvidenceTally,
  type RecordStore,
} from "../records/index.ts";
import {
  loadShareSolver,
  planDefaults,
  planGroup,
  RowSample,
  type PlanOutput,
  type PlanRow,
  type PlanSettings,
} from "../policy/index.ts";
import type { PlanEntry, RoutingTable } from "../table/index.ts";
import type { LeftOut } from "./left-out.ts";

const day = 24 * 3_600_000;

/** A certificate lives so long, and what it rests on need not be older. */
const evidenceDays = 30;

export interface PlanOrder {
  table: RoutingTable;
  store: RecordStore;
  previous: readonly PlanEntry[];
  /** Digest of the classifier that comes with the release. */
  builtInClassifier: string;
  /** Milliseconds since the epoch. */
  now: number;
  settings?: Partial<PlanSettings>;
  /** Told of lines that are no records. */
  left: LeftOut;
  /** Joins in memory, also where DuckDB is there: it takes more to start than a folder's records to read. */
  inMemory?: boolean;
}

export interface PlanRun extends PlanOutput {
  tally: EvidenceTally;
}

/** One run of the plan job: evidence out of records, plans out of evidence. It writes nothing. */
export async function runPlanJob(order: PlanOrder): Promise<PlanRun> {
  const { table, previous, builtInClassifier, now, settings } = order;
  const tally = emptyTally();
  const evidence = await sampleEvidence(order, tally);
  const output = planGroup({
    table,
    evidence,
    previous,
    now,
    builtInClassifier,
    settings: { ...planDefaults, ...settings },
    ...(boundsShares(table) ? { solveShares: await loadShareSolver() } : {}),
  });
  return { ...output, tally };
}

async function sampleEvidence(
  { table, store, now, left, inMemory }: PlanOrder,
  tally: EvidenceTally,
): Promise<PlanRow[]> {
  const onBroken = left.add.bind(left);
  const source =
    inMemory === true
      ? plainEvidence(store, { onBroken })
      : await duckdbOr(() => plainEvidence(store, { onBroken }), store, onBroken);
  const { namespace, routerClass } = table.group;
  // A request of this very moment belongs to it.
  const range = { since: new Date(now - evidenceDays * day), until: new Date(now + 1) };
  const sample = new RowSample(now);
  for await (const row of source.evidence({ namespace, routerClass, ...range }, tally)) {
    sample.add(row);
  }
  return sample.rows();
}

async function duckdbOr(
  otherwise: () => EvidenceSource,
  store: RecordStore,
  onBroken: (line: BrokenLine) => void,
): Promise<EvidenceSource> {
  return duckdbEvidence(store, { onBroken }).catch(otherwise);
}

const boundsShares = ({ routes }: RoutingTable): boolean =>
  Object.values(routes).some(({ candidates }) =>
    candidates.some(({ maxSharePercent = 100 }) => maxSharePercent < 100),
  );
