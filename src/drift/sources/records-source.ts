import {
  type BrokenLine,
  type EvidenceSource,
  firstRecordedHour,
  plainEvidence,
  readRecords,
  type RecordStore,
} from "../../records/index.ts";
import type { HistogramSource, SourceScope } from "../histogram-source.ts";
import type { Window } from "../series.ts";
import { labelsOfEvidence } from "./evidence-labels.ts";
import { Tally } from "./tally.ts";
import { tallyRecord } from "./tally-record.ts";
import { untilAborted, within } from "./within.ts";

export interface RecordsSourceOptions {
  store: RecordStore;
  scope: SourceScope;
  /** Told of lines that are no records. */
  onBroken?: ((broken: BrokenLine) => void) | undefined;
  /** What one look at them may take, in milliseconds. */
  boundMs?: number;
}

const boundMs = 1_800_000;

/** What reads the records: one by one here, or a database. */
export interface RecordsReading {
  evidence: EvidenceSource;
  tally: (windows: readonly Window[], signal: AbortSignal) => Promise<Tally>;
}

/**
 * Figures from the records that routers keep, read line by line in this process: for local mode, and where there is
 * no DuckDB. Whatever there are of them, memory grows by routes, backends and tenants only.
 */
export function plainRecordsSource(options: RecordsSourceOptions): HistogramSource {
  const { store, onBroken } = options;
  return recordsSource(options, {
    evidence: plainEvidence(store, { onBroken }),
    tally: (windows, signal) => tallyLines(options, windows, signal),
  });
}

/** A source over records by whatever reads them; one reading serves all that is asked of the same windows. */
export function recordsSource(
  { store, scope, boundMs: bound = boundMs }: RecordsSourceOptions,
  { evidence, tally }: RecordsReading,
): HistogramSource {
  let last: { windows: string; tally: Tally } | undefined;
  const tallied = async (windows: readonly Window[], signal: AbortSignal): Promise<Tally> => {
    if (scope.routes.length === 0) return new Tally(windows.length);
    const name = JSON.stringify(windows);
    if (last?.windows !== name) last = { windows: name, tally: await tally(windows, signal) };
    return last.tally;
  };
  const { namespace, routerClass, tenantFloor } = scope;
  const name = `The records in ${store.name}`;
  const asked = <Value>(signal: AbortSignal, act: (signal: AbortSignal) => Promise<Value>) =>
    within(name, { signal, boundMs: bound }, act);
  return {
    name: "records",
    cannot: new Map(),
    since: (signal) => asked(signal, async () => firstRecordedHour(store, namespace)),
    distributions: (windows, signal) =>
      asked(signal, async (either) => (await tallied(windows, either)).distributions(tenantFloor)),
    shares: (windows, signal) =>
      asked(signal, async (either) => (await tallied(windows, either)).shares(tenantFloor)),
    mixes: (windows, signal) =>
      asked(signal, async (either) => (await tallied(windows, either)).mixes(tenantFloor)),
    labels: ({ from, to }, signal) =>
      asked(signal, async (either) => {
        const found = labelsOfEvidence(scope);
        const range = { namespace, routerClass, since: new Date(from), until: new Date(to) };
        for await (const row of untilAborted(evidence.evidence(range), either)) found.add(row);
        return found.labels();
      }),
    close: async () => store.close(),
  };
}

async function tallyLines(
  { store, scope, onBroken }: RecordsSourceOptions,
  windows: readonly Window[],
  signal: AbortSignal,
): Promise<Tally> {
  const tally = new Tally(windows.length);
  const routes = new Set(scope.routes.map(({ name }) => name));
  const { namespace, routerClass } = scope;
  for (const [index, { from, to }] of windows.entries()) {
    const wish = { namespace, since: new Date(from), until: new Date(to), onBroken };
    for await (const record of untilAborted(readRecords(store, wish), signal)) {
      const isAsked = record.class === routerClass && routes.has(record.route ?? "");
      if (isAsked) tallyRecord(tally, record, index);
    }
  }
  return tally;
}
