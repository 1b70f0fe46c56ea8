import { createReadStream, globSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import {
  labelRecordSchema,
  requestRecordSchema,
  safetyRecordSchema,
  type RecordStore,
  type RequestRecord,
} from "../../../../src/records/index.ts";
import { inflate, linesOf } from "../../../../src/records/read-lines.ts";

/** By stream: the schema that a line has to keep, with no member beside its own. */
const schemas = {
  request: requestRecordSchema.strict(),
  safety: safetyRecordSchema.strict(),
  label: labelRecordSchema.strict(),
};

const mostTold = 20;

/** What stands at one place where records go: every line held against its schema, and counted by what it is of. */
export class Sightings {
  /** Lines that keep no schema, with what is wrong; the first few. */
  readonly invalid: string[] = [];
  /** How often each request was seen. */
  readonly requests = new Map<string, number>();
  /** The same of verdicts and labels, by all that tells one from another. */
  readonly others = new Map<string, number>();
  /** How many records of requests tell of what. */
  readonly sorts: Record<string, number> = Object.fromEntries(
    Object.keys(sorts).map((sort) => [sort, 0]),
  );

  add(line: string): void {
    const fault = this.#take(line);
    if (fault !== undefined && this.invalid.length < mostTold)
      this.invalid.push(`${fault}: ${line.slice(0, 300)}`);
  }

  async addFile(input: Readable, path: string): Promise<void> {
    for await (const line of linesOf(inflate(input, path)))
      this.add(typeof line === "string" ? line : "");
  }

  /** What was seen more than once. */
  get repeated(): string[] {
    return [...this.requests, ...this.others].filter(([, times]) => times > 1).map(([id]) => id);
  }

  #take(line: string): string | undefined {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return "no JSON";
    }
    const { stream } = value as { stream?: unknown };
    const schema = Object.entries(schemas).find(([name]) => name === stream)?.[1];
    const parsed = schema?.safeParse(value);
    if (parsed === undefined) return "of no stream";
    if (!parsed.success) return parsed.error.issues.map((each) => each.path.join(".")).join(", ");
    const record = parsed.data;
    if (record.stream === "request") this.#count(record);
    else if (record.stream === "label") increase(this.others, record.label_id);
    else {
      const { request_id: id, filter, stage, place, backend } = record;
      increase(this.others, [id, filter, stage, place, backend].join(" "));
    }
    return undefined;
  }

  #count(record: RequestRecord): void {
    increase(this.requests, record.request_id);
    for (const [sort, isSuch] of Object.entries(sorts))
      if (isSuch(record)) this.sorts[sort] = (this.sorts[sort] ?? 0) + 1;
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** What a record may tell of; most tell of several things. */
const sorts: Readonly<Record<string, (record: RequestRecord) => boolean>> = {
  answered: ({ arm, error_type: code }) => arm === null && code === null,
  "not answered": ({ arm, error_type: code }) => arm === null && code !== null,
  measured: ({ arm }) => arm !== null,
  "left by its client": (record) => record.client_aborted,
  "with a fallback": (record) => record.fallback_reason !== null,
  "with a hedge": ({ attempts }) => attempts.some(({ kind }) => kind === "hedge"),
  blocked: ({ safety }) => safety?.action === "block",
  "refused by a limit": ({ limits }) => typeof limits?.refused_by === "string",
  streamed: (record) => record.streaming,
  "of embeddings": (record) => record.operation === "embeddings",
  "without a route": (record) => record.route === null,
};

export async function lookIntoFolder(folder: string, sightings: Sightings): Promise<void> {
  for (const file of globSync("**/*.ndjson*", { cwd: folder }))
    await sightings.addFile(createReadStream(join(folder, file)), file);
}

export async function lookIntoStore(store: RecordStore, sightings: Sightings): Promise<void> {
  for await (const path of store.list("")) await sightings.addFile(await store.open(path), path);
}
