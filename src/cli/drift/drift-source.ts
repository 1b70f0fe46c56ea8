import {
  clickhouseSource,
  duckdbRecordsSource,
  plainRecordsSource,
  prometheusSource,
  type ClickHouseSettings,
  type HistogramSource,
  type PrometheusClient,
  type SourceScope,
} from "../../drift/index.ts";
import type { RecordStore } from "../../records/index.ts";
import type { LeftOut } from "../left-out.ts";

export interface SourcePlaces {
  /** Null: there is none to ask. */
  prometheus: { client: PrometheusClient; match: Readonly<Record<string, string>> } | null;
  /** Null: there is none to ask. */
  clickhouse: ClickHouseSettings | null;
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

/** Metrics where there are any, since they are soon read; prompts that were judged are in records alone. */
export async function sourcesOf(
  { prometheus, clickhouse, records, left }: SourcePlaces,
  scope: SourceScope,
): Promise<Sources | undefined> {
  const kept = records === null ? undefined : await recordsSource(records, scope, left);
  if (prometheus !== null)
    return { source: prometheusSource({ ...prometheus, scope }), labelSource: kept };
  if (clickhouse !== null)
    return {
      source: await clickhouseSource({ settings: clickhouse, scope }),
      labelSource: undefined,
    };
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
