import { readFile } from "node:fs/promises";
import { Replay, ReplayBasis, type ReplayReport } from "../policy/index.ts";
import {
  plainEvidence,
  readRecords,
  TooManyLabels,
  type EvidenceRange,
  type RecordStore,
  type RequestRecord,
} from "../records/index.ts";
import {
  planDigest,
  planName,
  type Plan,
  type PlanEntry,
  type RoutingTable,
} from "../table/index.ts";
import type { Command } from "./command.ts";
import { readEnvironment } from "./environment.ts";
import { readFlags, refuseWords } from "./flags.ts";
import { LeftOut } from "./left-out.ts";
import { openConfig } from "./open-config.ts";
import { readPlanYaml } from "./plan-config-map.ts";
import { openRecords, usualPlace } from "./record-places.ts";
import { replayText } from "./replay-report.ts";
import { tableOfFolder } from "./table-of-folder.ts";
import { timeRangeOf } from "./time-range.ts";
import { UsageError } from "./usage-error.ts";

const help = `switchyard replay --config DIR [--plans FILE] [--records SRC] [--since TIME] [--until TIME] [--json]

What recorded requests would have cost and risked under the policy of DIR: other routes, candidates,
envelopes, floors, prices or plans. Each request is decided anew by the router's own rules from the
estimates that were recorded of it, beside the policy that it had. Nothing is sent to any model.

  --config DIR             The YAML files with the policy to try: routes, backends, tenants.
  --plans FILE             Plans as switchyard plan writes them, in place of those of DIR. Of one that was
                           edited, the λ say, the digest is made anew.
  --records SRC            A folder of records or s3://BUCKET/PREFIX    (SWITCHYARD_RECORD_DIR; .switchyard)
  --since TIME, --until TIME  As of switchyard costs: 24h ago without them, and now.
  --namespace NAME, --class NAME  The group, where DIR holds several.
  --json                   The same figures as JSON.

Another backend's cost is that of the tokens of the answer that was given, as in the comparison with a
baseline. Prices of now are compared with what answers were charged. What records cannot tell is
said below the figures: which answers another classifier would give, and what a candidate is worth that was
none then. Pins of drifted accuracy are left aside: it shows what the policy does without them. Exit code 0 also where nothing was recorded.`;

const options = {
  records: { type: "string" },
  config: { type: "string" },
  plans: { type: "string" },
  namespace: { type: "string" },
  class: { type: "string" },
  since: { type: "string" },
  until: { type: "string" },
  json: { type: "boolean" },
} as const;

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, options);
  refuseWords(positionals);
  const environment = readEnvironment(process.env);
  const { since, until } = timeRangeOf(values, Date.now());
  const config = await openConfig(values, environment);
  const place = values.records ?? usualPlace(environment);
  const store = await openRecords(place, environment);
  const left = new LeftOut();
  try {
    const table = await tableWith(values.plans, tableOfFolder(config));
    const report = await replay(store, table, { ...config.group, since, until }, left);
    left.tell();
    const isEmpty = report.total.requests === 0;
    if (isEmpty)
      console.error(
        `No request that could be replayed is recorded in ${place} from ${since.toISOString()} to ${until.toISOString()}`,
      );
    if (values.json === true) console.log(JSON.stringify(report, null, 2));
    else if (!isEmpty) console.log(replayText(report));
  } finally {
    store.close();
  }
  return 0;
}

/** @throws UsageError where the file is no file of plans */
async function tableWith(file: string | undefined, table: RoutingTable): Promise<RoutingTable> {
  if (file === undefined) return table;
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  });
  const plans = readPlanYaml(text);
  if (!plans.ok) throw new UsageError(`${file}: ${plans.error}`);
  const entries = plans.value.map((entry) => [planName(entry), asWritten(entry)] as const);
  return { ...table, plans: Object.fromEntries(entries) };
}

/** Under the digests of what the plans hold: who tries another λ need not compute any. */
function asWritten(entry: PlanEntry): PlanEntry {
  const signed = (plan: Plan): Plan => ({ ...plan, digest: planDigest(plan) });
  const { current, next } = entry;
  return {
    ...entry,
    current: current === null ? null : signed(current),
    ...(next === undefined ? {} : { next: { ...next, plan: signed(next.plan) } }),
  };
}

/** Twice through the records: what single ones are replayed with, all of them say first. */
async function replay(
  store: RecordStore,
  table: RoutingTable,
  range: EvidenceRange,
  left: LeftOut,
): Promise<ReplayReport> {
  const basis = new ReplayBasis(table);
  for await (const record of recordsOf(store, range, left)) basis.add(record);
  try {
    for await (const row of plainEvidence(store).evidence(range)) basis.addEvidence(row);
  } catch (error) {
    if (error instanceof TooManyLabels) throw new UsageError(error.message);
    throw error;
  }
  const replayed = new Replay(table, basis);
  for await (const record of recordsOf(store, range)) replayed.add(record);
  return replayed.report();
}

async function* recordsOf(
  store: RecordStore,
  { namespace, routerClass, since, until }: EvidenceRange,
  left?: LeftOut,
): AsyncGenerator<RequestRecord, void, void> {
  const onBroken = left?.add.bind(left);
  const wish = { namespace, since, until, ...(onBroken === undefined ? {} : { onBroken }) };
  for await (const record of readRecords(store, wish)) {
    if (record.class === routerClass) yield record;
  }
}

export const replayRecords: Command = { help, run };
