import {
  duckdbRecordsSource,
  plainRecordsSource,
  prometheusSource,
  type HistogramSource,
  type PrometheusClient,
  type SourceScope,
} from "../../drift/index.ts";
import type { RecordStore } from "../../records/index.ts";
import type { LeftOut } from "../left-out.ts";

export interface SourcePlaces {
  /** Null: there is none to ask. */
  prometheus: PrometheusClient | null;
  /** Null: there are none to read. */
  records: RecordStore | null;
  /** Told of lines that are no records. */
  left: LeftOut;
}

export interface Sources {
  source: HistogramSource;
  /** Where labels are, if not in `source`. */
  labelSource: HistogramSource | undefined;
}

/** Metrics where there are any, since they are soon read; labels are in records alone. */
export async function sourcesOf(
  { prometheus, records, left }: SourcePlaces,
  scope: SourceScope,
): Promise<Sources | undefined> {
  const kept = records === null ? undefined : await recordsSource(records, scope, left);
  if (prometheus !== null)
    return { source: prometheusSource({ client: prometheus, scope }), labelSource: kept };
  return kept === undefined ? undefined : { source: kept, labelSource: undefined };
}

/** By DuckDB, where the image has it: it is of the jobs' alone. */
function recordsSource(
  store: RecordStore,
  scope: SourceScope,
  left: LeftOut,
): Promise<HistogramSource> {
  const options = { store, scope, onBroken: left.add.bind(left) };
  return duckdbRecordsSource(options).catch(() => plainRecordsSource(options));
}
