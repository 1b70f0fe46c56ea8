import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { compileGoldenSet, type CompiledGoldenSet } from "../../compile/index.ts";
import type { DriftRun } from "../../drift/index.ts";
import type { Connection } from "../../kube/index.ts";
import { readDriftReport, type DriftReport } from "../../table/index.ts";
import type { Group } from "../folder-tables.ts";
import type { OpenConfig } from "../open-config.ts";
import { replaceFile } from "../replace-file.ts";
import { driftFiles } from "./drift-files.ts";
import { listRoutes, readReport, readText, writeReport, writeStatuses } from "./drift-cluster.ts";
import { watchedRoutes, type FoundRoutes } from "./watched-routes.ts";

/** Where a look finds what to look at, and where its report goes. */
export interface DriftPlace {
  group: Group;
  found: FoundRoutes;
  /** The last run's report; null: there is none. */
  previous: DriftReport | null;
  /** A golden set by the name of its ConfigMap, or why it cannot be asked. */
  setOf: (name: string) => Promise<CompiledGoldenSet | string>;
  write: (run: DriftRun) => Promise<void>;
  /** The file that holds the page for people; null: it lies in the cluster. */
  page: string | null;
}

/**
 * @param instance who tells of it in Events: the pod
 * @throws KubeError
 */
export async function clusterPlace(
  connection: Connection,
  group: Group,
  { force, instance }: { force: boolean; instance: string | undefined },
): Promise<DriftPlace> {
  const { namespace } = group;
  const routes = await listRoutes(connection, namespace);
  const manifests = routes.map(({ manifest }) => manifest);
  return {
    group,
    found: watchedRoutes(manifests, group),
    previous: await readReport(connection, group),
    page: null,
    setOf: async (name) => {
      const text = await readText(connection, { namespace, name }, "golden-set.yaml");
      return setIn(text, name);
    },
    write: async (run) => {
      await writeReport(connection, group, run, { force });
      await writeStatuses(connection, routes, run.report, instance);
    },
  };
}

export async function folderPlace(config: OpenConfig, recordFolder: string): Promise<DriftPlace> {
  const { group, manifests, configMaps } = config;
  const files = driftFiles(recordFolder);
  const text = await readFile(files.report, "utf8").catch(() => "");
  const previous = readDriftReport(text);
  return {
    group,
    found: watchedRoutes(manifests, group),
    previous: previous.ok ? previous.value : null,
    page: files.page,
    setOf: async (name) => {
      const map = configMaps.find(
        ({ holds, metadata }) => holds === "golden-set" && metadata.name === name,
      );
      return setIn(map?.content, name);
    },
    write: async ({ report, page }) => {
      await mkdir(join(recordFolder, "drift"), { recursive: true });
      await replaceFile(files.report, `${JSON.stringify(report)}\n`);
      await replaceFile(files.page, page);
    },
  };
}

function setIn(text: string | undefined, name: string): CompiledGoldenSet | string {
  if (text === undefined) return `there is no ConfigMap ${name} with a golden set`;
  const set = compileGoldenSet(text, name);
  return set.ok ? set.value : `ConfigMap ${name} is not valid: ${set.error[0]?.message ?? ""}`;
}
