import type { CompiledGoldenSet } from "../../compile/index.ts";
import type { AccuracyLabel, WatchedRoute } from "../../drift/index.ts";
import { teeSink, type LabelRecord, type RecordSink } from "../../records/index.ts";
import { openAdminPort } from "../golden/admin-port.ts";
import { runGolden } from "../golden/run-golden.ts";
import type { StoredModel } from "../model-store.ts";

export interface GoldenOrder {
  routes: readonly WatchedRoute[];
  /** By the name of its ConfigMap; a sentence that says why it cannot be asked where it cannot. */
  setOf: (name: string) => Promise<CompiledGoldenSet | string>;
  /** The admin port of a router. */
  url: string;
  token: string | undefined;
  model: StoredModel;
  /** Keeps labels beside the records, for the next run; null: there is no such place. */
  sink: RecordSink | null;
  signal: AbortSignal;
}

export interface GoldenLabels {
  labels: AccuracyLabel[];
  /** What was not asked, each as a sentence that says why. */
  missing: string[];
}

const questionsAtOnce = 4;

/** Has routers answer the golden sets of routes, as `switchyard golden` does, and judges the answers. */
export async function askGoldenSets(order: GoldenOrder): Promise<GoldenLabels> {
  const asked: GoldenLabels = { labels: [], missing: [] };
  for (const route of order.routes) {
    if (route.goldenSet === null || order.signal.aborted) continue;
    const set = await order.setOf(route.goldenSet);
    if (typeof set === "string") {
      asked.missing.push(`The golden set of route ${route.name} was not asked: ${set}`);
      continue;
    }
    try {
      asked.labels.push(...(await askOne(route, set, order)));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      asked.missing.push(`The golden set of route ${route.name} was not asked: ${why}`);
    }
  }
  await order.sink?.flush();
  return asked;
}

async function askOne(
  route: WatchedRoute,
  set: CompiledGoldenSet,
  { url, token, model, sink, signal }: GoldenOrder,
): Promise<AccuracyLabel[]> {
  const records: LabelRecord[] = [];
  const collect: RecordSink = {
    write: (record) => {
      if (record.stream === "label") records.push(record);
    },
    dropped: () => 0,
    flush: async () => undefined,
    close: async () => undefined,
  };
  await runGolden({
    set,
    route: route.name,
    repeat: 1,
    admin: openAdminPort(url, token),
    model,
    labels: sink === null ? collect : teeSink(collect, sink),
    concurrency: questionsAtOnce,
    signal,
  });
  return labelsOf(records, route);
}

function labelsOf(records: readonly LabelRecord[], route: WatchedRoute): AccuracyLabel[] {
  const measure = new Map(
    records
      .filter(({ backend }) => backend === route.baseline)
      .map(({ prompt_id: prompt, score }) => [prompt, score]),
  );
  return records.map(({ backend, ts, score, prompt_id: promptId }) => ({
    key: { route: route.name, backend: backend ?? "", tenant: null },
    ts: Date.parse(ts),
    score,
    source: "golden",
    promptId,
    // Against itself the baseline keeps any floor.
    baselineScore: backend === route.baseline ? null : (measure.get(promptId) ?? null),
  }));
}
