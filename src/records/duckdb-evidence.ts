import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as duckdbApi from "@duckdb/node-api";
import type { DuckDBConnection, Json } from "@duckdb/node-api";
import {
  emptyTally,
  type EvidenceRange,
  type EvidenceRow,
  type EvidenceSource,
  type EvidenceTally,
} from "./evidence.ts";
import { type EvidenceOptions, labelsOf, requestsOf } from "./evidence-input.ts";
import { type JoinedLabel, rowOf, thin, withLabels } from "./evidence-row.ts";
import type { RecordStore } from "./record-store.ts";

export interface DuckdbOptions extends EvidenceOptions {
  /** What DuckDB may hold in memory, in MiB; the rest lies in a file. */
  memoryMib?: number;
  /** Below which that file is made, and removed again; the system's folder for such. */
  folder?: string;
}

type Duckdb = typeof duckdbApi;

/**
 * Joins in DuckDB, on disk where it must: any number of requests and labels. Lines are read and checked here,
 * as everywhere, and not by DuckDB: what is no record is then named by file and line wherever it lies, and a
 * bucket needs no extension of DuckDB's, which it would fetch from elsewhere.
 *
 * @throws Error where DuckDB, a native addon, is not there
 */
export async function duckdbEvidence(
  store: RecordStore,
  options: DuckdbOptions = {},
): Promise<EvidenceSource> {
  const duckdb = await import("@duckdb/node-api");
  return {
    evidence: async function* (range: EvidenceRange, tally = emptyTally()) {
      const folder = await mkdtemp(join(options.folder ?? tmpdir(), "switchyard-evidence-"));
      try {
        yield* joined(duckdb, folder, { store, range, tally, options });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

interface Reading {
  store: RecordStore;
  range: EvidenceRange;
  tally: EvidenceTally;
  options: DuckdbOptions;
}

async function* joined(
  duckdb: Duckdb,
  folder: string,
  reading: Reading,
): AsyncGenerator<EvidenceRow, void, void> {
  const instance = await duckdb.DuckDBInstance.create(join(folder, "evidence.duckdb"), {
    memory_limit: `${reading.options.memoryMib ?? 256}MiB`,
    temp_directory: join(folder, "spill"),
    threads: "2",
    preserve_insertion_order: "false",
    // Nothing is fetched from anywhere, and no file but its own is opened.
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  try {
    await connection.run(tables);
    await loadLabels(connection, reading);
    await loadRequests(connection, reading);
    await count(connection, reading.tally);
    yield* rows(connection, reading.tally);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const tables = `
  CREATE TABLE labels (n INTEGER, ts VARCHAR, label_id VARCHAR, request_id VARCHAR, label VARCHAR);
  CREATE TABLE requests (request_id VARCHAR, evidence VARCHAR);
`;

/** A judgement that was made again counts once, as it was made last. */
const latest = `
  SELECT request_id, label FROM labels
  QUALIFY row_number() OVER (PARTITION BY label_id ORDER BY ts DESC, n DESC) = 1
`;

const evidence = `
  WITH judged AS (SELECT request_id, list(label) AS labels FROM (${latest}) GROUP BY request_id)
  SELECT evidence, labels FROM requests LEFT JOIN judged USING (request_id)
`;

const counts = `
  SELECT
    (SELECT count(*) FROM labels) - (SELECT count(DISTINCT label_id) FROM labels) AS duplicates,
    (SELECT count(*) FROM (${latest}) ANTI JOIN requests USING (request_id)) AS orphans
`;

/** Of what is appended DuckDB's bound on its memory knows nothing, until it is flushed. */
const rowsAtOnce = 10_000;

async function loadLabels(
  connection: DuckDBConnection,
  { store, range, tally, options }: Reading,
): Promise<void> {
  const appender = await connection.createAppender("labels");
  for await (const label of labelsOf(store, range, tally, options)) {
    appender.appendInteger(tally.labels);
    appender.appendVarchar(label.ts);
    appender.appendVarchar(label.label_id);
    appender.appendVarchar(label.request_id);
    appender.appendVarchar(JSON.stringify(thin(label)));
    appender.endRow();
    if (tally.labels % rowsAtOnce === 0) appender.flushSync();
  }
  appender.closeSync();
}

async function loadRequests(
  connection: DuckDBConnection,
  { store, range, tally, options }: Reading,
): Promise<void> {
  const appender = await connection.createAppender("requests");
  for await (const record of requestsOf(store, range, tally, options)) {
    const row = rowOf(record);
    if (row === null) continue;
    tally.rows += 1;
    appender.appendVarchar(row.requestId);
    appender.appendVarchar(JSON.stringify(row));
    appender.endRow();
    if (tally.rows % rowsAtOnce === 0) appender.flushSync();
  }
  appender.closeSync();
}

async function count(connection: DuckDBConnection, tally: EvidenceTally): Promise<void> {
  const [found] = (await connection.runAndReadAll(counts)).getRows();
  tally.duplicateLabels += Number(found?.[0]);
  tally.orphanLabels += Number(found?.[1]);
}

async function* rows(
  connection: DuckDBConnection,
  tally: EvidenceTally,
): AsyncGenerator<EvidenceRow, void, void> {
  const result = await connection.stream(evidence);
  for await (const chunk of result.yieldRowsJson()) {
    for (const [row, labels] of chunk) {
      yield withLabels(parsed<EvidenceRow>(row), listOf(labels), tally);
    }
  }
}

const listOf = (labels: Json | undefined): JoinedLabel[] =>
  Array.isArray(labels) ? labels.map((label) => parsed<JoinedLabel>(label)) : [];

/** What was written above, a moment ago. */
const parsed = <T>(text: Json | undefined): T => JSON.parse(text as string) as T;
