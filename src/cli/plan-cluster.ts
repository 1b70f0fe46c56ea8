import {
  applyObject,
  getObject,
  KubeError,
  resourceTypes,
  type Connection,
  type KubeObject,
} from "../kube/index.ts";
import {
  decodeTable,
  planName,
  planShards,
  publicationKeys,
  publicationNames,
  readPlanFile,
  readPointer,
  type PlanEntry,
  type RoutingTable,
} from "../table/index.ts";
import type { Group } from "./folder-tables.ts";
import { planConfigMaps, planKey } from "./plan-config-map.ts";
import { TableSlots } from "./table-slots.ts";

type ConfigMap = KubeObject & { data?: Readonly<Record<string, string>> };

const fieldManager = "switchyard-plan";

/** Slots are rewritten while the job reads: what does not fit together is read again. */
const mostReadings = 5;

/** The table that the group's routers serve. @throws KubeError, and Error where it cannot be read whole */
export async function publishedTable(connection: Connection, group: Group): Promise<RoutingTable> {
  const name = publicationNames(group.routerClass).pointer;
  const { namespace } = group;
  let problem = "";
  for (let reading = 0; reading < mostReadings; reading += 1) {
    const object = await getObject<ConfigMap>(connection, resourceTypes.ConfigMap, {
      namespace,
      name,
    });
    const pointer = readPointer(JSON.parse(object.data?.[publicationKeys.pointer] ?? "null"));
    if (!pointer.ok) throw new Error(`${name}: ${pointer.error.message}`);
    const slots = new TableSlots(connection, group);
    const buckets = await slots.fetch(pointer.value);
    const table = decodeTable({ pointer: pointer.value, buckets });
    if (table.ok) return table.value;
    problem = table.error.message;
  }
  throw new Error(`The published table cannot be read whole: ${problem}`);
}

/** What the job wrote last, one ConfigMap after another until there is none. @throws KubeError, Error */
export async function writtenPlans(connection: Connection, group: Group): Promise<WrittenPlans> {
  const plans: PlanEntry[] = [];
  const { namespace, routerClass } = group;
  let isWhole = true;
  for (let shard = 0; shard < planShards; shard += 1) {
    const name = publicationNames(routerClass).plans(shard);
    const object = await readMap(connection, { namespace, name });
    if (object === undefined) return { plans, shards: shard, isWhole };
    const file = readPlanFile(object.data?.[planKey] ?? "");
    if (file.ok) plans.push(...file.value.plans);
    else isWhole = false;
  }
  return { plans, shards: planShards, isWhole };
}

export interface WrittenPlans {
  plans: readonly PlanEntry[];
  /** ConfigMaps that are there. */
  shards: number;
  /** False: somebody has spoilt one, and what it held nobody can read. */
  isWhole: boolean;
}

/**
 * What a run begins from. Of plans that somebody has spoilt routers have kept what they had, and with it from
 * when on labels count: made afresh, one that was revoked would come back by its old labels.
 */
export function lastPlans(
  { plans, isWhole }: Pick<WrittenPlans, "plans" | "isWhole">,
  published: Pick<RoutingTable, "plans">,
): readonly PlanEntry[] {
  if (isWhole) return plans;
  const known = new Set(plans.map(planName));
  return [
    ...plans,
    ...Object.values(published.plans).filter((entry) => !known.has(planName(entry))),
  ];
}

async function readMap(
  connection: Connection,
  where: { namespace: string; name: string },
): Promise<ConfigMap | undefined> {
  try {
    return await getObject<ConfigMap>(connection, resourceTypes.ConfigMap, where);
  } catch (error) {
    if (error instanceof KubeError && error.code === "NotFound") return undefined;
    throw error;
  }
}

/**
 * Writes the plans, and empties what an earlier run needed beyond them.
 *
 * @param before how many ConfigMaps there are
 * @param force takes over what somebody else has written
 * @throws KubeError, Conflict where somebody else has; Error where the plans take more than there may be
 */
export async function writePlans(
  connection: Connection,
  group: Group,
  plans: readonly PlanEntry[],
  { before, force }: { before: number; force: boolean },
): Promise<void> {
  const options = { connection, type: resourceTypes.ConfigMap, fieldManager, force };
  const maps = planConfigMaps(group, plans);
  if (maps.length > planShards) {
    throw new Error(
      `${plans.length} plans take ${maps.length} ConfigMaps, and a group has ${planShards}: put some routes into another class`,
    );
  }
  const [nothing] = planConfigMaps(group, []);
  if (nothing === undefined) return;
  for (let shard = 0; shard < Math.max(maps.length, before); shard += 1) {
    const map = maps[shard] ?? nothing;
    const metadata = { ...map.metadata, name: publicationNames(group.routerClass).plans(shard) };
    await applyObject<KubeObject>({ ...map, metadata }, options);
  }
}
