import { readFile } from "node:fs/promises";
import { directorySink, s3Sink, type RecordSink } from "../../records/index.ts";
import type { Command } from "../command.ts";
import { readEnvironment, type Environment } from "../environment.ts";
import { readFlags, refuseWords, wholeNumber } from "../flags.ts";
import { loadModel, shippedModel } from "../model-store.ts";
import { requireRecordFolder } from "../record-folder.ts";
import { isBucket, openBucket, usualPlace } from "../record-places.ts";
import { UsageError } from "../usage-error.ts";
import { openAdminPort } from "./admin-port.ts";
import { goldenTable, reportGolden } from "./golden-report.ts";
import { loadGoldenSet } from "./golden-set-file.ts";
import { runGolden } from "./run-golden.ts";

const help = `switchyard golden --set FILE --route NAME [flags]: candidates answer a golden set, and are judged

  --set FILE         the golden set, as YAML of its own or in the manifest of a ConfigMap
  --route NAME       the route whose candidates answer
  --candidates A,B   those of them (all)
  --repeat N         how often each question is asked (1)
  --url URL          the admin port of a router (http://127.0.0.1:8081)
  --token-file FILE  its token, where that is not on loopback    (SWITCHYARD_ADMIN_TOKEN)
  --records PLACE    where labels are kept: a folder or s3://BUCKET/PREFIX
                                  (SWITCHYARD_RECORD_DIR, SWITCHYARD_RECORD_S3; .switchyard)
  --model FILE       the route's classifier, where that is not the one of this release
  --concurrency N    questions at once, 1 to 32 (8)
  --timeout SECONDS  no question is asked after this time (900)
  --json             the report as JSON

The router calls exactly the candidate that is asked for, with nothing to fall back to; its own records
say arm golden, and no tenant's budget counts it. Each judged answer leaves a label beside the records.
docs/labels.md has the form of a golden set. Exit code 0 where every question was answered and judged,
1 where some were not, 2 where a flag or the set is wrong.`;

const options = {
  set: { type: "string" },
  route: { type: "string" },
  candidates: { type: "string" },
  repeat: { type: "string" },
  url: { type: "string" },
  "token-file": { type: "string" },
  records: { type: "string" },
  model: { type: "string" },
  concurrency: { type: "string" },
  timeout: { type: "string" },
  json: { type: "boolean" },
} as const;

type Values = ReturnType<typeof readFlags<typeof options>>["values"];

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, options);
  refuseWords(positionals);
  const environment = readEnvironment(process.env);
  const set = await loadGoldenSet(required("set", values.set));
  const route = required("route", values.route);
  const candidates = values.candidates?.split(",").map((each) => each.trim());
  const seconds = wholeNumber("timeout", values.timeout, [1, 86_400]) ?? 900;
  const repeat = wholeNumber("repeat", values.repeat, [1, 100]) ?? 1;
  const concurrency = wholeNumber("concurrency", values.concurrency, [1, 32]) ?? 8;
  const admin = openAdminPort(urlOf(values.url), await tokenOf(values, environment));
  const model = await loadModel(values.model ?? shippedModel);
  const labels = await openLabels(values.records ?? usualPlace(environment), environment);
  try {
    const result = await runGolden({
      set,
      route,
      ...(candidates === undefined ? {} : { candidates }),
      repeat,
      admin,
      model,
      labels,
      concurrency,
      signal: AbortSignal.timeout(seconds * 1_000),
    });
    const report = reportGolden(result);
    console.log(values.json === true ? JSON.stringify(report, null, 2) : goldenTable(report));
    return report.complete ? 0 : 1;
  } finally {
    await labels.close();
  }
}

function required(flag: "set" | "route", value: string | undefined): string {
  if (value !== undefined && value !== "") return value;
  throw new UsageError(`--${flag} is missing; --help tells what it is`);
}

function urlOf(text = "http://127.0.0.1:8081"): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw new UsageError(`--url must be such as http://127.0.0.1:8081, not "${text}"`);
}

async function tokenOf(values: Values, environment: Environment): Promise<string | undefined> {
  const file = values["token-file"];
  if (file === undefined) return environment.SWITCHYARD_ADMIN_TOKEN;
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new UsageError(`--token-file: ${error instanceof Error ? error.message : String(error)}`);
  });
  return text.trim();
}

async function openLabels(place: string, environment: Environment): Promise<RecordSink> {
  const report = (message: string) => console.error(message);
  if (isBucket(place)) return s3Sink(await openBucket(place, environment), { report });
  return directorySink(await requireRecordFolder(place), { report });
}

export const golden: Command = { help, run };
