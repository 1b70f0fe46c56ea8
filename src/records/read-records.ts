import type { Readable } from "node:stream";
import type { z } from "zod";
import { findFiles, type Stream } from "./find-files.ts";
import { folderStore } from "./folder-store.ts";
import { type LabelRecord, labelRecordSchema } from "./label-record.ts";
import { parseLine } from "./parse-line.ts";
import { inflate, type Line, linesOf } from "./read-lines.ts";
import { MissingFile, type RecordStore } from "./record-store.ts";
import { type RequestRecord, requestRecordSchema } from "./request-record.ts";
import { type SafetyRecord, safetyRecordSchema } from "./safety-record.ts";
import type { KeptRecord } from "./sink.ts";

export interface ReadRecordsOptions {
  /** Records that arrived at this time or later. */
  since?: Date | undefined;
  /** Records that arrived before this time. */
  until?: Date | undefined;
  namespace?: string | undefined;
  route?: string | undefined;
  /** Told of each line that is no record, and of a file that cannot be read on; reading goes on. */
  onBroken?: ((broken: BrokenLine) => void) | undefined;
}

export interface BrokenLine {
  file: string;
  /** From 1; null where the file itself is damaged. */
  line: number | null;
  problem: string;
}

/**
 * Reads back what sinks wrote to a folder or a store, also while they are still writing. Records come
 * file by file, by date, namespace, route and hour, in the order in which each file's were written.
 * A tail cut short by a crash costs its last line. A missing folder holds no records.
 *
 * @throws Error where the store fails: half of the records would pass for all of them
 */
export function readRecords(
  place: string | RecordStore,
  options: ReadRecordsOptions = {},
): AsyncGenerator<RequestRecord, void, void> {
  return readStream(place, "request", requestRecordSchema, options);
}

/** The same for what routers have printed, as it comes: lines of NDJSON, in their order. */
export async function* readRecordLines(
  input: Readable,
  options: ReadRecordsOptions = {},
): AsyncGenerator<RequestRecord, void, void> {
  const source = { lines: linesOf(input), name: "standard input" };
  for await (const record of readSource(source, requestRecordSchema, options)) {
    if (wanted(record, options)) yield record;
  }
}

/** The same for the records of safety filters. */
export function readSafetyRecords(
  place: string | RecordStore,
  options: ReadRecordsOptions = {},
): AsyncGenerator<SafetyRecord, void, void> {
  return readStream(place, "safety", safetyRecordSchema, options);
}

/** The same for labels: all of them, also those that a later one of their `label_id` supersedes. */
export function readLabels(
  place: string | RecordStore,
  options: ReadRecordsOptions = {},
): AsyncGenerator<LabelRecord, void, void> {
  return readStream(place, "label", labelRecordSchema, options);
}

async function* readStream<Kept extends KeptRecord>(
  place: string | RecordStore,
  stream: Stream,
  schema: z.ZodType<Kept>,
  options: ReadRecordsOptions,
): AsyncGenerator<Kept, void, void> {
  const store = typeof place === "string" ? folderStore(place) : place;
  for await (const { path, input } of openInTurn(store, findFiles(store, stream, options))) {
    const source = { lines: linesOfFile(input, path), name: `${store.name}/${path}` };
    for await (const record of readSource(source, schema, options)) {
      if (wanted(record, options)) yield record;
    }
  }
}

/** A file of records, its lines as they were written. */
export interface RecordFile {
  /** With the store's name before it. */
  name: string;
  input: Readable;
}

/**
 * The files that may hold requests of the wish, inflated, for whoever takes them apart otherwise than by line. A
 * tail cut short by a crash is given as far as it goes.
 *
 * @throws Error where the store fails
 */
export async function* openRequestFiles(
  store: RecordStore,
  options: ReadRecordsOptions,
): AsyncGenerator<RecordFile, void, void> {
  for await (const { path, input } of openInTurn(store, findFiles(store, "request", options))) {
    const name = `${store.name}/${path}`;
    const opened = await input.catch((error: unknown) => {
      if (!isReadError(error)) throw error;
      options.onBroken?.({ file: name, line: null, problem: error.message });
    });
    if (opened !== undefined) yield { name, input: inflate(opened, path) };
  }
}

interface Opened {
  path: string;
  input: Promise<Readable>;
}

/** Each file in its turn, with those behind it already on their way. */
async function* openInTurn(
  store: RecordStore,
  paths: AsyncIterable<string>,
): AsyncGenerator<Opened, void, void> {
  const opened: Opened[] = [];
  try {
    for await (const path of paths) {
      const input = store.open(path);
      // It is awaited in its turn; until then nobody listens to its failing.
      input.catch(() => undefined);
      opened.push({ path, input });
      const first = opened.length < store.readAhead ? undefined : opened.shift();
      if (first !== undefined) yield first;
    }
    for (let next = opened.shift(); next !== undefined; next = opened.shift()) yield next;
  } finally {
    // Nobody reads on: what was opened ahead is closed.
    for (const { input } of opened) input.then((stream) => stream.destroy()).catch(() => undefined);
  }
}

async function* linesOfFile(
  input: Promise<Readable>,
  path: string,
): AsyncGenerator<Line, void, void> {
  yield* linesOf(inflate(await input, path));
}

function wanted(record: KeptRecord, options: ReadRecordsOptions): boolean {
  const arrived = Date.parse(record.ts);
  if (options.since && arrived < options.since.getTime()) return false;
  if (options.until && arrived >= options.until.getTime()) return false;
  if (options.namespace !== undefined && record.namespace !== options.namespace) return false;
  return options.route === undefined || record.route === options.route;
}

interface Source {
  lines: AsyncIterable<Line>;
  /** Where they are from, for whoever is told of a broken one. */
  name: string;
}

async function* readSource<Kept>(
  { lines, name: file }: Source,
  schema: z.ZodType<Kept>,
  { onBroken }: ReadRecordsOptions,
): AsyncGenerator<Kept, void, void> {
  let line = 0;
  try {
    for await (const content of lines) {
      line += 1;
      const parsed = parseLine(content, schema);
      if (parsed === "other stream") continue;
      if (parsed.ok) yield parsed.value;
      else onBroken?.({ file, line, problem: parsed.error });
    }
  } catch (error) {
    if (!isReadError(error)) throw error;
    onBroken?.({ file, line: null, problem: error.message });
  }
}

/** Of the one file, its disk or its compression; anything else is the store's, or whoever's reads the records. */
function isReadError(error: unknown): error is Error {
  return (
    error instanceof MissingFile || (error instanceof Error && "code" in error && "errno" in error)
  );
}
