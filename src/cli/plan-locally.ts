import { join } from "node:path";
import type { CompiledGoldenSet } from "../compile/index.ts";
import type { RecordSink } from "../records/index.ts";
import type { Made } from "./folder-tables.ts";
import { KeptPlans } from "./kept-plans.ts";
import { certifiedRoutes, localGoldenSets, localReplay } from "./local-golden.ts";
import { LocalPlans } from "./local-plans.ts";
import { loadModel, shippedModel, type StoredModel } from "./model-store.ts";
import type { OpenConfig } from "./open-config.ts";
import type { ServedFolder } from "./serve-folder.ts";
import { compileFolder } from "./table-of-folder.ts";

interface Planning {
  kept: KeptPlans;
  model: StoredModel;
  /** What may be asked for labels, by the name of the route. */
  sets: ReadonlyMap<string, CompiledGoldenSet>;
  /** What the router starts with: the plans of the last start. */
  made: Made;
}

interface Sources {
  config: OpenConfig;
  recordFolder: string;
  /** Whether nobody pays for what golden sets ask. */
  isSimulated: boolean;
}

/** @returns undefined where no route wants a certificate, or its author's folder holds plans */
export async function preparePlanning({
  config,
  recordFolder,
  isSimulated,
}: Sources): Promise<Planning | undefined> {
  const { table } = compileFolder(config);
  if (certifiedRoutes(table).length === 0 || Object.keys(table.plans).length > 0) return undefined;
  const kept = new KeptPlans(config.group, join(recordFolder, "plans", "plans.yaml"));
  const sets = isSimulated ? localGoldenSets({ ...config, table }) : new Map<string, never>();
  const configMaps = kept.configMaps(await kept.read());
  const made = { configMaps, certifying: new Set(sets.keys()) };
  return { kept, sets, made, model: await loadModel(shippedModel) };
}

interface Order {
  served: ServedFolder;
  recordFolder: string;
  records: RecordSink;
  adminToken: string | undefined;
}

/** Begins to make plans for a router that serves, where there are any to make. */
export function beginPlanning(
  planning: Planning | undefined,
  { served, recordFolder, records, adminToken }: Order,
): LocalPlans | undefined {
  if (planning === undefined) return undefined;
  const { kept, model, sets } = planning;
  const { adminUrl } = served.router;
  const replay = localReplay({ sets, adminUrl, adminToken, model, records });
  const plans = new LocalPlans({
    recordFolder,
    kept,
    builtInClassifier: model.digest,
    table: () => served.table(),
    publish: (configMaps) => served.take({ configMaps, certifying: new Set() }),
    ...(replay === undefined ? {} : { replay }),
    say: (line) => process.stdout.write(`${line}\n`),
  });
  plans.start();
  return plans;
}
