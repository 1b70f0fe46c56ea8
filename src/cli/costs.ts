import {
  costKeys,
  CostSums,
  readRecordLines,
  readRecords,
  recordedDays,
  TooManyGroups,
  type BrokenLine,
  type CostKey,
  type RecordStore,
} from "../records/index.ts";
import type { Command } from "./command.ts";
import { costFormats, inOrder } from "./cost-report.ts";
import { readEnvironment } from "./environment.ts";
import { readFlags, refuseWords } from "./flags.ts";
import { LeftOut } from "./left-out.ts";
import { openRecords, usualPlace } from "./record-places.ts";
import { timeRangeOf } from "./time-range.ts";
import { UsageError } from "./usage-error.ts";

const help = `switchyard costs [flags]: what requests cost, summed from their records

  --by KEY,…       what to sum by: ${costKeys.join(", ")} (tenant,route,backend)
  --since TIME     24h, 7d, 2w or 90m ago, a day (2027-03-04, UTC) or an instant (24h)
  --until TIME     likewise; what came at that time or later is left out (now)
  --records PLACE  the folder with the records, s3://BUCKET/PREFIX, or - for lines on standard
                   input, as routers print them
                                (SWITCHYARD_RECORD_DIR, SWITCHYARD_RECORD_S3; .switchyard)
  --format FORMAT  table, json or csv (table)

Every attempt is charged, those that failed, lost against a hedge or were left by the client among
them; sums are exact. docs/costs.md says what is charged, and what is estimated. Exit code 0, also
where nothing was recorded; 2 where a flag is wrong or the folder is missing.`;

const options = {
  by: { type: "string" },
  since: { type: "string" },
  until: { type: "string" },
  records: { type: "string" },
  format: { type: "string" },
} as const;

async function run(words: readonly string[]): Promise<number> {
  const wanted = wantedOf(words, Date.now());
  const { keys, format, since, until, folder } = wanted;
  const store =
    folder === standardInput ? undefined : await openRecords(folder, readEnvironment(process.env));
  const left = new LeftOut();
  const sums = await sumUp(store, wanted, (line) => left.add(line));
  left.tell();
  const groups = inOrder(sums.groups, keys);
  if (groups.length === 0) console.error(await whyNothing(store, wanted));
  if (groups.length > 0 || format !== "table") {
    const { total } = sums;
    const report = { keys, groups, total, since, until, folder, unread: left.count };
    console.log(costFormats[format](report));
  }
  return 0;
}

/** In place of a folder. */
const standardInput = "-";

interface Wanted {
  keys: readonly CostKey[];
  format: keyof typeof costFormats;
  since: Date;
  until: Date;
  folder: string;
}

/** @throws UsageError */
function wantedOf(words: readonly string[], now: number): Wanted {
  const { values, positionals } = readFlags(words, options);
  refuseWords(positionals);
  const { since, until } = timeRangeOf(values, now);
  return {
    keys: keysOf(values.by ?? "tenant,route,backend"),
    format: formatOf(values.format ?? "table"),
    since,
    until,
    folder: values.records ?? usualPlace(readEnvironment(process.env)),
  };
}

/** @throws UsageError where the keys give more groups than anybody reads */
async function sumUp(
  store: RecordStore | undefined,
  { keys, since, until }: Wanted,
  onBroken: (line: BrokenLine) => void,
): Promise<CostSums> {
  const sums = new CostSums(keys);
  try {
    const options = { since, until, onBroken };
    const records =
      store === undefined ? readRecordLines(process.stdin, options) : readRecords(store, options);
    for await (const record of records) sums.add(record);
  } catch (error) {
    if (!(error instanceof TooManyGroups)) throw error;
    throw new UsageError("--by gives more than 100,000 lines: name fewer keys, or a shorter time");
  }
  return sums;
}

/** @throws UsageError */
function keysOf(text: string): CostKey[] {
  const keys = text.split(",").map((word) => {
    const key = costKeys.find((each) => each === word.trim());
    if (key !== undefined) return key;
    throw new UsageError(`--by knows ${costKeys.join(", ")}, not "${word.trim()}"`);
  });
  if (new Set(keys).size < keys.length) throw new UsageError(`--by names a key twice: "${text}"`);
  return keys;
}

/** @throws UsageError */
function formatOf(text: string): keyof typeof costFormats {
  if (Object.hasOwn(costFormats, text)) return text as keyof typeof costFormats;
  throw new UsageError(`--format must be ${Object.keys(costFormats).join(", ")}, not "${text}"`);
}

async function whyNothing(
  store: RecordStore | undefined,
  { folder, since, until }: Wanted,
): Promise<string> {
  const asked = `from ${since.toISOString()} to ${until.toISOString()}`;
  if (store === undefined)
    return `No record of a request ${asked} came on standard input: choose another --since or --until`;
  const days = await recordedDays(store);
  if (days === null) return `${folder} holds no records yet`;
  const { first, last } = days;
  const held = first === last ? first : `${first} to ${last}`;
  return `No request ${asked} is recorded in ${folder}, which holds records of ${held}: choose another --since or --until`;
}

export const costs: Command = { help, run };
