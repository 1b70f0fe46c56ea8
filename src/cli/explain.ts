import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import { systemClock } from "../lib/index.ts";
import { ApiError, type ChatRequest } from "../openai/index.ts";
import { readRecordLines, readRecords, type RequestRecord } from "../records/index.ts";
import {
  BackendPlaces,
  CandidateShares,
  explainRequest,
  TableHolder,
  type Snapshot,
} from "../router/index.ts";
import { BackendHealth, LatencyBook, type Explanation } from "../routing/index.ts";
import { encodeTable } from "../table/index.ts";
import type { Command } from "./command.ts";
import { readEnvironment, type Environment } from "./environment.ts";
import { explainRecord } from "./explain-record.ts";
import { explanationText } from "./explanation-text.ts";
import { readFlags, refuseWords } from "./flags.ts";
import { loadClassifier } from "./model-store.ts";
import { modelInFolder } from "./model-map.ts";
import { openConfig, type OpenConfig } from "./open-config.ts";
import { isBucket, openRecords, usualPlace } from "./record-places.ts";
import { tableOfFolder } from "./table-of-folder.ts";
import { UsageError } from "./usage-error.ts";

const help = `switchyard explain: by whom a request is served, and why

  switchyard explain --config DIR [--model M | --route R] [--tenant T] [--prompt TEXT] [--json]
  switchyard explain --request ID [--records PLACE] [--json]

Of a folder of YAML it tells what a router that has seen no traffic yet would choose:
  --config DIR     the folder                      (SWITCHYARD_CONFIG)
  --namespace NS, --class CLASS  which group of it, where it holds several
  --model M        the model that the request names; --route R the route instead
  --tenant T       who calls; without it an anonymous caller
  --prompt TEXT    what is asked; - reads it from standard input (Hello)

Of a record it tells what was chosen then, and from what:
  --request ID     the request, by its x-switchyard-request-id
  --records PLACE  a folder of records, s3://BUCKET/PREFIX, or a file of lines as routers print them
                                (SWITCHYARD_RECORD_DIR, SWITCHYARD_RECORD_S3; .switchyard)

  --json           the same as data

What is asked is never printed, and nothing is called. A router at work explains by what it has seen:
POST /explain on its admin port, with a chat request and ?tenant=T. Exit code 0; 1 where nothing may
serve the request; 2 where a flag is wrong, or there is no such route, tenant or record.`;

const options = {
  config: { type: "string" },
  namespace: { type: "string" },
  class: { type: "string" },
  model: { type: "string" },
  route: { type: "string" },
  tenant: { type: "string" },
  prompt: { type: "string" },
  records: { type: "string" },
  request: { type: "string" },
  json: { type: "boolean" },
} as const;

type Flags = ReturnType<typeof readFlags<typeof options>>["values"];

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, options);
  refuseWords(positionals);
  const explanation =
    values.request === undefined ? await explainFolder(values) : explainRecord(await find(values));
  console.log(values.json === true ? JSON.stringify(explanation) : explanationText(explanation));
  return explanation.chosen === null ? 1 : 0;
}

async function explainFolder(flags: Flags): Promise<Explanation> {
  if (flags.records !== undefined) throw new UsageError("Say which request: --request ID");
  const config = await openConfig(flags, readEnvironment(process.env));
  const snapshot = await snapshotOf(config);
  const { tenant, route } = flags;
  const parts = {
    book: new LatencyBook(systemClock),
    health: new BackendHealth(systemClock, Math.random),
    places: new BackendPlaces(),
    shares: new CandidateShares(systemClock),
    clock: systemClock,
  };
  try {
    return explainRequest(await requestOf(flags, snapshot), { tenant, route }, snapshot, parts);
  } catch (error) {
    throw error instanceof ApiError ? new UsageError(error.message) : error;
  }
}

async function snapshotOf(config: OpenConfig): Promise<Snapshot> {
  const encoded = encodeTable(tableOfFolder(config));
  const model = modelInFolder(encoded.pointer.model?.digest, config.configMaps)?.bytes;
  const untold = {
    tableLoaded: () => undefined,
    tableConfirmed: () => undefined,
    tableRefused: () => undefined,
  };
  const holder = new TableHolder(systemClock, untold, undefined, await loadClassifier());
  const loaded = holder.load({ ...encoded, model });
  if (!loaded.ok) throw new UsageError(loaded.error.message);
  return loaded.value;
}

async function requestOf(
  { model, route, prompt }: Flags,
  { routes }: Snapshot,
): Promise<ChatRequest> {
  if (model === undefined && route === undefined) {
    const models = routes.all.flatMap((each) => each.models);
    throw new UsageError(`Say which: --model M or --route R; the models are ${models.join(", ")}`);
  }
  const content = prompt === "-" ? await textOf(process.stdin) : (prompt ?? "Hello");
  return { model: model ?? "", messages: [{ role: "user", content }] };
}

/** @throws UsageError where there is no such record */
async function find({ records, request, config }: Flags): Promise<RequestRecord> {
  if (config !== undefined) throw new UsageError("Say one: --config DIR or --request ID");
  const environment = readEnvironment(process.env);
  const place = records ?? usualPlace(environment);
  for await (const each of await recordsAt(place, environment)) {
    if (each.request_id === request) return each;
  }
  throw new UsageError(`${place} holds no record of the request ${request}`);
}

async function recordsAt(
  place: string,
  environment: Environment,
): Promise<AsyncIterable<RequestRecord>> {
  const found = isBucket(place) ? undefined : await stat(place).catch(() => undefined);
  if (found?.isFile() === true) return readRecordLines(createReadStream(place));
  return readRecords(await openRecords(place, environment));
}

export const explainCommand: Command = { help, run };
