import { createReadStream, type ReadStream } from "node:fs";
import { glob } from "node:fs/promises";
import { join, sep } from "node:path";
import type { Readable } from "node:stream";
import { constants, createGunzip } from "node:zlib";
import type { z } from "zod";
import { err, ok, type Result } from "../lib/index.ts";
import { type LabelRecord, labelRecordSchema } from "./label-record.ts";
import { folderName, streamFolders } from "./partition.ts";
import { type RequestRecord, requestRecordSchema } from "./request-record.ts";
import { type SafetyRecord, safetyRecordSchema } from "./safety-record.ts";
import type { KeptRecord } from "./sink.ts";

export interface ReadRecordsOptions {
  /** Records that arrived at this time or later. */
  since?: Date;
  /** Records that arrived before this time. */
  until?: Date;
  namespace?: string;
  route?: string;
  /** Told of each line that is no record, and of a file that cannot be read on; reading goes on. */
  onBroken?: (broken: BrokenLine) => void;
}

export interface BrokenLine {
  file: string;
  /** From 1; null where the file itself is damaged. */
  line: number | null;
  problem: string;
}

/**
 * Reads back what a directory sink wrote below `folder`, also while it is still writing. Records come
 * file by file, by date, namespace, route and hour, in the order in which each file's were written.
 * A tail cut short by a crash costs its last line. A missing folder holds no records.
 */
export function readRecords(
  folder: string,
  options: ReadRecordsOptions = {},
): AsyncGenerator<RequestRecord, void, void> {
  return readStream(folder, requestRecordSchema, options);
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
  folder: string,
  options: ReadRecordsOptions = {},
): AsyncGenerator<SafetyRecord, void, void> {
  return readStream(join(folder, streamFolders.safety), safetyRecordSchema, options);
}

/** The same for labels: all of them, also those that a later one of their `label_id` supersedes. */
export function readLabels(
  folder: string,
  options: ReadRecordsOptions = {},
): AsyncGenerator<LabelRecord, void, void> {
  return readStream(join(folder, streamFolders.label), labelRecordSchema, options);
}

async function* readStream<Kept extends KeptRecord>(
  folder: string,
  schema: z.ZodType<Kept>,
  options: ReadRecordsOptions,
): AsyncGenerator<Kept, void, void> {
  for (const file of await recordFiles(folder)) {
    if (!mayHold(file, options)) continue;
    for await (const record of readFile(join(folder, file), schema, options)) {
      if (wanted(record, options)) yield record;
    }
  }
}

/** By date, namespace, route and hour; none in a folder that is missing. */
async function recordFiles(folder: string): Promise<string[]> {
  const files = glob("date=*/namespace=*/route=*/*.ndjson{,.gz}", { cwd: folder });
  return (await Array.fromAsync(files)).toSorted();
}

/** The first and the last day, such as `2027-03-04`, of which the folder has records; null where it has none. */
export async function recordedDays(
  folder: string,
): Promise<{ first: string; last: string } | null> {
  const days = (await recordFiles(folder)).map((file) =>
    file.slice("date=".length, file.indexOf(sep)),
  );
  const [first] = days;
  return first === undefined ? null : { first, last: days.at(-1) ?? first };
}

/** Judges by the name of the file alone, so that what was not asked for is not opened. */
function mayHold(file: string, { since, until, namespace, route }: ReadRecordsOptions): boolean {
  const [date = "", namespacePart, routePart, name = ""] = file.split(sep);
  if (namespace !== undefined && namespacePart !== `namespace=${folderName(namespace)}`)
    return false;
  if (route !== undefined && routePart !== `route=${folderName(route)}`) return false;
  return overlaps(
    Date.parse(`${date.slice("date=".length)}T${name.slice(0, 2)}:00:00Z`),
    since,
    until,
  );
}

function overlaps(hour: number, since: Date | undefined, until: Date | undefined): boolean {
  const from = since?.getTime() ?? Number.NEGATIVE_INFINITY;
  const to = until?.getTime() ?? Number.POSITIVE_INFINITY;
  return hour < to && hour + 3_600_000 > from;
}

function wanted(record: KeptRecord, options: ReadRecordsOptions): boolean {
  const arrived = Date.parse(record.ts);
  if (options.since && arrived < options.since.getTime()) return false;
  if (options.until && arrived >= options.until.getTime()) return false;
  if (options.namespace !== undefined && record.namespace !== options.namespace) return false;
  return options.route === undefined || record.route === options.route;
}

async function* readFile<Kept>(
  file: string,
  schema: z.ZodType<Kept>,
  options: ReadRecordsOptions,
): AsyncGenerator<Kept, void, void> {
  const source = createReadStream(file);
  try {
    yield* readSource({ lines: linesOf(inflate(source, file)), name: file }, schema, options);
  } finally {
    source.destroy();
  }
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

/** In characters; no record comes near it. */
const longestLine = 1024 * 1024;

type Line = string | typeof tooLong;

const tooLong = Symbol("too long");

/**
 * Split at line feeds only: readline would also split at U+2028, which JSON texts may hold. A line that does
 * not end, of a file of another kind say, is not kept.
 */
async function* linesOf(input: Readable): AsyncGenerator<Line, void, void> {
  const decoder = new TextDecoder();
  let rest = "";
  let dropped = false;
  try {
    for await (const chunk of input) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        yield dropped || line.length > longestLine ? tooLong : line;
        dropped = false;
      }
      if (rest.length <= longestLine) continue;
      rest = "";
      dropped = true;
    }
    rest += decoder.decode();
    if (dropped) yield tooLong;
    else if (rest !== "") yield rest;
  } finally {
    input.destroy();
  }
}

/** What others have written, a log agent say, may lie there uncompressed. */
function inflate(source: ReadStream, file: string): Readable {
  if (!file.endsWith(".gz")) return source;
  // A sync flush at the end gives what a cut member still holds; a full one would refuse it.
  const inflated = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  source.on("error", (error) => inflated.destroy(error));
  return source.pipe(inflated);
}

/** Of the file system or zlib; anything else was thrown by whoever reads the records. */
function isReadError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "errno" in error;
}

/** The record, or a sentence on why the line is none. A log agent may have kept all streams in one file. */
function parseLine<Kept>(
  content: Line,
  schema: z.ZodType<Kept>,
): Result<Kept, string> | "other stream" {
  if (content === tooLong) return err("The line is longer than a record can be");
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return err("The line is not JSON");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  if (isOfStream(value)) return "other stream";
  return err(`The line is no record of its stream: ${issue?.path.join(".")}: ${issue?.message}`);
}

const schemas = [requestRecordSchema, safetyRecordSchema, labelRecordSchema];

const isOfStream = (value: unknown): boolean =>
  schemas.some((schema) => schema.safeParse(value).success);
