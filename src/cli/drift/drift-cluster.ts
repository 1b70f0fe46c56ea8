import { gzipSync } from "node:zlib";
import { holdsLabel, toManifest, type Condition, type Manifest } from "../../api/index.ts";
import {
  applyObject,
  apiVersionOf,
  EventRecorder,
  getObject,
  KubeError,
  pathOf,
  resourceTypes,
  type Connection,
  type KubeObject,
} from "../../kube/index.ts";
import { systemClock } from "../../lib/index.ts";
import {
  driftStatus,
  isSameDrift,
  transitionsOf,
  type DriftRun,
  type DriftStatus,
} from "../../drift/index.ts";
import {
  driftFieldManager,
  driftOf,
  publicationNames,
  readDriftReport,
  type DriftReport,
} from "../../table/index.ts";
import type { Group } from "../folder-tables.ts";

type ConfigMap = KubeObject & { data?: Readonly<Record<string, string>> };

/** A route as the API server holds it. */
export interface ClusterRoute {
  object: KubeObject;
  manifest: Manifest;
}

const mostListed = 500;

/** All routes of a namespace. @throws KubeError */
export async function listRoutes(
  connection: Connection,
  namespace: string,
): Promise<ClusterRoute[]> {
  const type = resourceTypes.ModelRoute;
  const found: ClusterRoute[] = [];
  let next: string | undefined;
  do {
    const page: Listing = await connection.json<Listing>({
      method: "GET",
      path: pathOf(type, { namespace }),
      query: { limit: String(mostListed), ...(next === undefined ? {} : { continue: next }) },
    });
    for (const item of page.items) {
      // Items of a list do not say what they are.
      const object = { ...item, apiVersion: apiVersionOf(type), kind: type.kind };
      const { manifest } = toManifest(object);
      if (manifest !== undefined) found.push({ object, manifest });
    }
    next = page.metadata.continue === "" ? undefined : page.metadata.continue;
  } while (next !== undefined);
  return found;
}

interface Listing {
  items: KubeObject[];
  metadata: { continue?: string };
}

/** The text of a ConfigMap's key; undefined where there is none. @throws KubeError */
export async function readText(
  connection: Connection,
  where: { namespace: string; name: string },
  key: string,
): Promise<string | undefined> {
  try {
    const map = await getObject<ConfigMap>(connection, resourceTypes.ConfigMap, where);
    return map.data?.[key];
  } catch (error) {
    if (error instanceof KubeError && error.code === "NotFound") return undefined;
    throw error;
  }
}

/** The last run's report; null where there is none, or somebody has spoilt it. @throws KubeError */
export async function readReport(
  connection: Connection,
  { namespace, routerClass }: Group,
): Promise<DriftReport | null> {
  const name = publicationNames(routerClass).drift;
  const text = await readText(connection, { namespace, name }, "drift.json");
  const report = readDriftReport(text ?? "");
  return report.ok ? report.value : null;
}

/** What a ConfigMap takes beside the report; a longer page is left out. */
const longestPage = 256 * 1_024;

/**
 * Writes the report, and the page where there is room for it.
 *
 * @throws KubeError, Conflict where somebody else has written it
 */
export async function writeReport(
  connection: Connection,
  { namespace, routerClass }: Group,
  { report, page }: DriftRun,
  { force }: { force: boolean },
): Promise<void> {
  const packed = gzipSync(page);
  await applyObject<KubeObject>(
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: publicationNames(routerClass).drift,
        namespace,
        labels: { [holdsLabel]: "drift" },
      },
      data: { "drift.json": JSON.stringify(report) },
      ...(packed.length > longestPage
        ? {}
        : { binaryData: { "report.html.gz": packed.toString("base64") } }),
    },
    { connection, type: resourceTypes.ConfigMap, fieldManager: driftFieldManager, force },
  );
}

/**
 * Says in the status of each route what was found, and tells of what became otherwise by an Event. What says so
 * already is not written.
 *
 * @throws KubeError
 */
export async function writeStatuses(
  connection: Connection,
  routes: readonly ClusterRoute[],
  report: DriftReport,
  instance: string = driftFieldManager,
): Promise<void> {
  const events = new EventRecorder({
    connection,
    controller: "switchyard.dev/drift",
    instance,
    clock: systemClock,
    onTrouble: (error) => console.error(`switchyard: An Event was not written: ${String(error)}`),
  });
  for (const { object } of routes) {
    const route = driftOf(report, object.metadata.name);
    if (route === undefined) continue;
    const present = (object["status"] ?? {}) as Partial<DriftStatus>;
    const previous: readonly Condition[] = present.conditions ?? [];
    const generation = object.metadata.generation ?? 0;
    const wanted = driftStatus({ route, generation, previous, now: report.lookedAt });
    if (isSameDrift(present, wanted)) continue;
    if (!(await applyStatus(connection, object, wanted))) continue;
    for (const transition of transitionsOf(previous, wanted.conditions))
      await events.record({ regarding: object, action: "LookingForDrift", ...transition });
  }
}

/** @returns whether the route is still there */
async function applyStatus(
  connection: Connection,
  { apiVersion, kind, metadata }: KubeObject,
  status: DriftStatus,
): Promise<boolean> {
  const { name, namespace, uid } = metadata;
  try {
    await applyObject<KubeObject>(
      // The uid keeps a deleted route from being made again.
      {
        apiVersion,
        kind,
        metadata: { name, ...(namespace && { namespace }), ...(uid && { uid }) },
        status,
      },
      {
        connection,
        type: resourceTypes.ModelRoute,
        fieldManager: driftFieldManager,
        subresource: "status",
      },
    );
    return true;
  } catch (error) {
    if (error instanceof KubeError && (error.code === "NotFound" || error.code === "Conflict"))
      return false;
    throw error;
  }
}
