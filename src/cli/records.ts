import { pipeline } from "node:stream/promises";
import {
  duckdbEvidence,
  emptyTally,
  type EvidenceSource,
  plainEvidence,
  pruneRecords,
  recordStreams,
  type RecordStore,
} from "../records/index.ts";
import type { Command } from "./command.ts";
import { readEnvironment } from "./environment.ts";
import { readFlags } from "./flags.ts";
import { LeftOut } from "./left-out.ts";
import { isBucket, openRecords, usualPlace } from "./record-places.ts";
import { timeOf } from "./time-range.ts";
import { UsageError } from "./usage-error.ts";

const help = `switchyard records ACTION [flags]: looks after the records that routers have kept

  evidence             requests joined with the labels of their answers, as JSON lines: what
                       plans are made from; counts go to standard error
    --namespace NAME   of the group (default)
    --class NAME       of the group (default)
    --since TIME       24h, 7d, 2w or 90m ago, a day (2027-03-04, UTC) or an instant (7d)
    --until TIME       likewise (now)
    --engine NAME      duckdb, or memory for where there is none (duckdb where it is there)
  prune                removes what is older than a time
    --older-than TIME  such as 30d; at least 2h, since routers write for a while to past hours
    --streams NAME,…   request, safety, label (all)
    --objects          also of a bucket, whose lifecycle rules do it better
    --dry-run          only says what it would remove

  --records PLACE      the folder with the records, or s3://BUCKET/PREFIX
                                (SWITCHYARD_RECORD_DIR, SWITCHYARD_RECORD_S3; .switchyard)

Exit code 0; 2 where a flag is wrong or the place is missing; 1 where a store fails.`;

const options = {
  records: { type: "string" },
  namespace: { type: "string" },
  class: { type: "string" },
  since: { type: "string" },
  until: { type: "string" },
  engine: { type: "string" },
  "older-than": { type: "string" },
  streams: { type: "string" },
  objects: { type: "boolean" },
  "dry-run": { type: "boolean" },
} as const;

type Values = ReturnType<typeof readFlags<typeof options>>["values"];
type Action = (store: RecordStore, values: Values) => Promise<void>;

const actions: Readonly<Record<string, Action>> = { evidence, prune };

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, options);
  const [name = "", ...others] = positionals;
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined || others.length > 0)
    throw new UsageError(`Name one action of ${Object.keys(actions).join(", ")}\n\n${help}`);
  const environment = readEnvironment(process.env);
  const store = await openRecords(values.records ?? usualPlace(environment), environment);
  try {
    await action(store, values);
  } finally {
    store.close();
  }
  return 0;
}

async function evidence(store: RecordStore, values: Values): Promise<void> {
  const now = Date.now();
  const left = new LeftOut();
  const source = await evidenceSource(store, values.engine, left);
  const tally = emptyTally();
  const range = {
    namespace: values.namespace ?? "default",
    routerClass: values.class ?? "default",
    since: timeOf("since", values.since ?? "7d", now),
    until: values.until === undefined ? new Date(now) : timeOf("until", values.until, now),
  };
  if (!(await printLines(source.evidence(range, tally)))) return;
  left.tell();
  console.error(JSON.stringify(tally));
}

/**
 * One that reads slowly is waited for: lines must not pile up in memory.
 *
 * @returns false where the reader has what it wanted and went away
 */
async function printLines(rows: AsyncIterable<unknown>): Promise<boolean> {
  const lines = async function* () {
    for await (const row of rows) yield `${JSON.stringify(row)}\n`;
  };
  try {
    await pipeline(lines, process.stdout, { end: false });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && gone.has(String(error.code))) return false;
    throw error;
  }
}

const gone: ReadonlySet<string> = new Set(["EPIPE", "ERR_STREAM_PREMATURE_CLOSE"]);

async function evidenceSource(
  store: RecordStore,
  engine: string | undefined,
  left: LeftOut,
): Promise<EvidenceSource> {
  const onBroken = left.add.bind(left);
  if (engine === "memory") return plainEvidence(store, { onBroken });
  if (engine !== undefined && engine !== "duckdb")
    throw new UsageError(`--engine must be duckdb or memory, not "${engine}"`);
  try {
    return await duckdbEvidence(store, { onBroken });
  } catch (error) {
    if (engine === undefined) return plainEvidence(store, { onBroken });
    throw new UsageError(
      `DuckDB is not there (${error instanceof Error ? error.message : String(error)}): use the image of the jobs, or --engine memory`,
    );
  }
}

const leastAgeMs = 2 * 3_600_000;

async function prune(store: RecordStore, values: Values): Promise<void> {
  const now = Date.now();
  const before = timeOf("older-than", required(values["older-than"]), now);
  if (now - before.getTime() < leastAgeMs)
    throw new UsageError("--older-than must be at least 2h: routers may still write such hours");
  if (isBucket(store.name) && values.objects !== true)
    throw new UsageError(
      `${store.name} is a bucket: give it a lifecycle rule (docs/records.md#retention), or say --objects to have them deleted one by one`,
    );
  const dryRun = values["dry-run"] === true;
  let removed = 0;
  await pruneRecords(store, { before, streams: streamsOf(values.streams), dryRun }, (path) => {
    removed += 1;
    if (dryRun) console.log(path);
  });
  const what = removed === 1 ? "1 file" : `${removed} files`;
  const verb = dryRun ? "Would remove" : "Removed";
  console.log(`${verb} ${what} of before ${before.toISOString()}`);
}

function required(text: string | undefined): string {
  if (text !== undefined) return text;
  throw new UsageError("Say --older-than, such as --older-than 30d");
}

function streamsOf(text: string | undefined): (typeof recordStreams)[number][] {
  if (text === undefined) return [...recordStreams];
  return text.split(",").map((word) => {
    const stream = recordStreams.find((each) => each === word.trim());
    if (stream !== undefined) return stream;
    throw new UsageError(`--streams knows ${recordStreams.join(", ")}, not "${word.trim()}"`);
  });
}

export const records: Command = { help, run };
