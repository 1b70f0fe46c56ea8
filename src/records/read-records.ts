import { createReadStream } from "node:fs";
import { glob } from "node:fs/promises";
import { join, sep } from "node:path";
import { constants, createGunzip } from "node:zlib";
import { folderName } from "./partition.ts";
import { type RequestRecord, requestRecordSchema } from "./request-record.ts";

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
export async function* readRecords(
  folder: string,
  options: ReadRecordsOptions = {},
): AsyncGenerator<RequestRecord, void, void> {
  const files = await Array.fromAsync(
    glob("date=*/namespace=*/route=*/*.ndjson.gz", { cwd: folder }),
  );
  for (const file of files.toSorted()) {
    if (!mayHold(file, options)) continue;
    for await (const record of readFile(join(folder, file), options)) {
      if (wanted(record, options)) yield record;
    }
  }
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

function wanted(record: RequestRecord, options: ReadRecordsOptions): boolean {
  const arrived = Date.parse(record.ts);
  if (options.since && arrived < options.since.getTime()) return false;
  if (options.until && arrived >= options.until.getTime()) return false;
  if (options.namespace !== undefined && record.namespace !== options.namespace) return false;
  return options.route === undefined || record.route === options.route;
}

async function* readFile(
  file: string,
  { onBroken }: ReadRecordsOptions,
): AsyncGenerator<RequestRecord, void, void> {
  let line = 0;
  try {
    for await (const content of linesOf(file)) {
      line += 1;
      const parsed = parseLine(content);
      if (typeof parsed === "string") onBroken?.({ file, line, problem: parsed });
      else yield parsed;
    }
  } catch (error) {
    if (!isReadError(error)) throw error;
    onBroken?.({ file, line: null, problem: error.message });
  }
}

/** Split at line feeds only: readline would also split at U+2028, which JSON texts may hold. */
async function* linesOf(file: string): AsyncGenerator<string, void, void> {
  const source = createReadStream(file);
  // A sync flush at the end gives what a cut member still holds; a full one would refuse it.
  const inflated = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  source.on("error", (error) => inflated.destroy(error));
  source.pipe(inflated);
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of inflated) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    rest += decoder.decode();
    if (rest !== "") yield rest;
  } finally {
    source.destroy();
    inflated.destroy();
  }
}

/** Of the file system or zlib; anything else was thrown by whoever reads the records. */
function isReadError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "errno" in error;
}

/** The record, or a sentence on why the line is none. */
function parseLine(content: string): RequestRecord | string {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return "The line is not JSON";
  }
  const parsed = requestRecordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return `The line is no request record: ${issue?.path.join(".")}: ${issue?.message}`;
}
