import type { ClickHouseClient } from "@clickhouse/client";
import { z } from "zod";
import type { HistogramSource, SourceScope } from "../histogram-source.ts";
import type { AccuracyLabel, Window } from "../series.ts";
import { atOnce } from "./at-once.ts";
import {
  categoryCounts,
  firstRequest,
  labels,
  mixCounts,
  mostRows,
  slotCounts,
} from "./clickhouse-queries.ts";
import { addRows, type CountedRows } from "./counted-rows.ts";
import { orderedLabels } from "./ordered-labels.ts";
import { Tally } from "./tally.ts";
import { within } from "./within.ts";

export interface ClickHouseSettings {
  /** Of its HTTP interface. */
  url: string;
  username?: string;
  password?: string;
  /** Absent: the user's own. */
  database?: string;
  /** That of docs/clickhouse. */
  table?: string;
  /** Certificates in PEM that are trusted in place of the system's. */
  ca?: Buffer;
  /** What one query may take, in milliseconds. */
  timeoutMs?: number;
}

export interface ClickHouseSourceOptions {
  settings: ClickHouseSettings;
  scope: SourceScope;
  /** What all the queries of one look may take together, in milliseconds. */
  boundMs?: number;
}

const ofPlace = { route: z.string(), backend: z.string(), tenant: z.string().nullable() };
const slotRow = z.object({
  ...ofPlace,
  signal: z.enum(["first_token", "latency", "input_tokens", "output_tokens", "cost", "confidence"]),
  slot: z.number(),
  samples: z.number(),
  total: z.number(),
});
const categoryRow = z.object({
  ...ofPlace,
  signal: z.enum(["finish_reason", "refusal", "fallback", "error"]),
  category: z.string(),
  samples: z.number(),
});
const mixRow = z.object({
  ...ofPlace,
  fact: z.enum(["model", "region", "tenant", "prompt_length"]),
  category: z.string(),
  samples: z.number(),
  counts: z.array(z.number()),
  sums: z.array(z.number()),
});
const labelRow = z.object({
  ...ofPlace,
  ts: z.number(),
  score: z.number(),
  source: z.enum(["golden", "shadow", "feedback"]),
  prompt_id: z.string(),
});
const firstRow = z.object({ requests: z.number(), first: z.number() });

const windowsAtOnce = 2;

/**
 * Figures from records in ClickHouse, in the table of docs/clickhouse, over its HTTP interface.
 *
 * @throws Error where the URL is none
 */
export async function clickhouseSource({
  settings,
  scope,
  boundMs = 1_200_000,
}: ClickHouseSourceOptions): Promise<HistogramSource> {
  const client = await connect(settings);
  const { table = "switchyard_records", timeoutMs = 120_000 } = settings;
  const asking = { client, scope, table, timeoutMs };
  const asked = <Value>(signal: AbortSignal, act: (asking: Asking) => Promise<Value>) =>
    within("ClickHouse", { signal, boundMs }, (either) => act({ ...asking, signal: either }));
  const tallied = (
    windows: readonly Window[],
    signal: AbortSignal,
    count: (asking: Asking, window: Window) => Promise<Partial<CountedRows>>,
  ) =>
    asked(signal, async (each) => {
      const tally = new Tally(windows.length);
      const rows = await atOnce(windows, windowsAtOnce, (window) => count(each, window));
      for (const [index, counted] of rows.entries())
        addRows(tally, index, { slots: [], categories: [], mixes: [], ...counted });
      return tally;
    });
  const { tenantFloor } = scope;
  return {
    name: "ClickHouse",
    cannot: new Map(),
    since: (signal) =>
      asked(signal, async (each) => {
        const [found] = await rowsOf(each, firstRow, firstRequest, { from: 0, to: 0 });
        return found === undefined || found.requests === 0 ? null : found.first;
      }),
    distributions: async (windows, signal) => {
      const tally = await tallied(windows, signal, async (each, window) => ({
        slots: await rowsOf(each, slotRow, slotCounts, window),
      }));
      return tally.ok ? { ok: true, value: tally.value.distributions(tenantFloor) } : tally;
    },
    shares: async (windows, signal) => {
      const tally = await tallied(windows, signal, async (each, window) => ({
        categories: await rowsOf(each, categoryRow, categoryCounts, window),
      }));
      return tally.ok ? { ok: true, value: tally.value.shares(tenantFloor) } : tally;
    },
    mixes: async (windows, signal) => {
      const tally = await tallied(windows, signal, async (each, window) => ({
        mixes: await rowsOf(each, mixRow, mixCounts, window),
      }));
      return tally.ok ? { ok: true, value: tally.value.mixes(tenantFloor) } : tally;
    },
    labels: (range, signal) => asked(signal, (each) => labelsOf(each, range)),
    close: () => client.close(),
  };
}

async function labelsOf(asking: Asking, range: Window): Promise<AccuracyLabel[]> {
  const ordered = orderedLabels(asking.scope);
  for (const row of await rowsOf(asking, labelRow, labels, range)) {
    const { route, backend, tenant, ts, score, source, prompt_id: promptId } = row;
    ordered.add({ key: { route, backend, tenant }, ts, score, source, promptId });
  }
  return ordered.labels();
}

interface Asking {
  client: ClickHouseClient;
  scope: SourceScope;
  table: string;
  timeoutMs: number;
  signal: AbortSignal;
}

async function connect(settings: ClickHouseSettings): Promise<ClickHouseClient> {
  const { createClient } = await import("@clickhouse/client");
  const { url, username, password, database, ca, timeoutMs = 120_000 } = settings;
  return createClient({
    url,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    ...(ca === undefined ? {} : { tls: { ca_cert: ca } }),
    request_timeout: timeoutMs,
    max_open_connections: windowsAtOnce,
    application: "switchyard",
    // What it tells on its own would go to standard output, where records are.
    log: { level: 127 },
  });
}

/** @throws Error where ClickHouse refuses, or answers with other rows than those that were asked for */
async function rowsOf<Row>(
  { client, scope, table, timeoutMs, signal }: Asking,
  shape: z.ZodType<Row>,
  query: string,
  { from, to }: Window,
): Promise<Row[]> {
  const { namespace, routerClass, routes } = scope;
  const result = await client.query({
    query,
    format: "JSONEachRow",
    query_params: {
      table,
      namespace,
      class: routerClass,
      from,
      to,
      routes: routes.map(({ name }) => name),
    },
    clickhouse_settings: { max_execution_time: Math.ceil(timeoutMs / 1_000) },
    abort_signal: signal,
  });
  const rows: Row[] = [];
  for await (const chunk of result.stream())
    for (const row of chunk) {
      const read = shape.safeParse(row.json());
      if (!read.success)
        throw new Error(`a row is not what was asked for: ${read.error.issues[0]?.message}`);
      rows.push(read.data);
    }
  if (rows.length > mostRows)
    throw new Error(`one window has more than ${mostRows} rows of figures: ask for fewer routes`);
  return rows;
}
