import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type * as duckdbApi from "@duckdb/node-api";
import type { DuckDBConnection } from "@duckdb/node-api";
import { duckdbEvidence, openRequestFiles, type RecordFile } from "../../records/index.ts";
import type { HistogramSource } from "../histogram-source.ts";
import type { Window } from "../series.ts";
import { addRows, type CategoryRow, type MixRow, type SlotRow } from "./counted-rows.ts";
import {
  brokenLines,
  callsTable,
  categoryCounts,
  linesTable,
  mixCounts,
  slotCounts,
} from "./duckdb-counts.ts";
import { type RecordsSourceOptions, recordsSource } from "./records-source.ts";
import { Tally } from "./tally.ts";
import { orAborted, untilAborted } from "./within.ts";

export interface DuckdbSourceOptions extends RecordsSourceOptions {
  /** What DuckDB may hold in memory, in MiB; the rest lies in files. */
  memoryMib?: number;
  /** Below which those files are made, and removed again; the system's folder for such. */
  folder?: string;
}

/** Files that are counted together, and lie inflated on disk meanwhile. */
const filesAtOnce = 48;

/**
 * Figures from the records that routers keep, counted by DuckDB in the memory that it is given, in some two thirds of
 * the time that it takes line by line.
 *
 * @throws Error where DuckDB, a native addon, is not there
 */
export async function duckdbRecordsSource(options: DuckdbSourceOptions): Promise<HistogramSource> {
  const { store, onBroken, memoryMib, folder } = options;
  const duckdb = await import("@duckdb/node-api");
  const evidence = await duckdbEvidence(store, {
    onBroken,
    ...(memoryMib === undefined ? {} : { memoryMib }),
    ...(folder === undefined ? {} : { folder }),
  });
  return recordsSource(options, {
    evidence,
    tally: async (windows, signal) => {
      // DuckDB takes no list that is empty.
      if (options.scope.routes.length === 0) return new Tally(windows.length);
      const own = await mkdtemp(join(folder ?? tmpdir(), "switchyard-drift-"));
      try {
        return await tallyFiles(duckdb, { ...options, folder: own }, windows, signal);
      } finally {
        await rm(own, { recursive: true, force: true });
      }
    },
  });
}

type Placed = DuckdbSourceOptions & { folder: string };

async function tallyFiles(
  duckdb: typeof duckdbApi,
  options: Placed,
  windows: readonly Window[],
  signal: AbortSignal,
): Promise<Tally> {
  const instance = await duckdb.DuckDBInstance.create(join(options.folder, "drift.duckdb"), {
    memory_limit: `${options.memoryMib ?? 256}MiB`,
    temp_directory: join(options.folder, "spill"),
    threads: "2",
    preserve_insertion_order: "false",
    // Nothing is fetched from anywhere.
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  signal.addEventListener("abort", interrupt, { once: true });
  try {
    const tally = new Tally(windows.length);
    for (const [index, window] of windows.entries())
      await tallyWindow({ duckdb, connection, options, signal }, window, { tally, index });
    return tally;
  } finally {
    signal.removeEventListener("abort", interrupt);
    connection.closeSync();
    instance.closeSync();
  }
}

interface Counting {
  duckdb: typeof duckdbApi;
  connection: DuckDBConnection;
  options: Placed;
  signal: AbortSignal;
}

async function tallyWindow(
  counting: Counting,
  window: Window,
  { tally, index }: { tally: Tally; index: number },
): Promise<void> {
  const { store, scope } = counting.options;
  const wish = {
    namespace: scope.namespace,
    since: new Date(window.from),
    until: new Date(window.to),
    onBroken: counting.options.onBroken,
  };
  let batch: Copy[] = [];
  const countBatch = async () => {
    const copies = batch;
    batch = [];
    if (copies.length > 0) await countCopies(counting, copies, window, { tally, index });
  };
  for await (const file of untilAborted(openRequestFiles(store, wish), counting.signal)) {
    batch.push(await copyOf(file, batch.length, counting));
    if (batch.length >= filesAtOnce) await countBatch();
  }
  await countBatch();
}

interface Copy {
  /** On this machine. */
  path: string;
  /** Where it was copied from. */
  name: string;
}

/**
 * Copied, wherever it lies: DuckDB would need an extension for a bucket, refuses a file whose end a crash has cut
 * off, and takes some characters of a path for patterns.
 */
async function copyOf(
  { name, input }: RecordFile,
  place: number,
  { options, signal }: Counting,
): Promise<Copy> {
  const path = join(options.folder, `${place}.ndjson`);
  await pipeline(input, createWriteStream(path), { signal }).catch(
    (error: NodeJS.ErrnoException) => {
      // What is wrong with the one file costs its rest; a full disk would cost all of them.
      if (signal.aborted || error.errno === undefined || error.syscall === "write") throw error;
      options.onBroken?.({ file: name, line: null, problem: error.message });
    },
  );
  return { path, name };
}

async function countCopies(
  { duckdb, connection, options, signal }: Counting,
  copies: readonly Copy[],
  { from, to }: Window,
  { tally, index }: { tally: Tally; index: number },
): Promise<void> {
  const { namespace, routerClass, routes } = options.scope;
  const table = linesTable(copies.map(({ path }) => path));
  const parameters = {
    namespace,
    class: routerClass,
    since: new Date(from).toISOString(),
    until: new Date(to).toISOString(),
    routes: duckdb.listValue(routes.map(({ name }) => name)),
  };
  await orAborted(connection.run(table, parameters), signal);
  await orAborted(connection.run(callsTable), signal);
  const read = async <Row>(query: string): Promise<readonly Row[]> => {
    const reader = await orAborted(connection.runAndReadAll(query), signal);
    // Named and typed by the query itself.
    return reader.getRowObjectsJson() as unknown as Row[];
  };
  addRows(tally, index, {
    slots: await read<SlotRow>(slotCounts),
    categories: await read<CategoryRow>(categoryCounts),
    mixes: await read<MixRow>(mixCounts),
  });
  for (const { filename, lines } of await read<{ filename: string; lines: number }>(brokenLines)) {
    const file = copies.find(({ path }) => path === filename)?.name ?? filename;
    options.onBroken?.({ file, line: null, problem: `${lines} lines are no records` });
  }
  await rm(join(options.folder, "spill"), { recursive: true, force: true });
}
