import { parse, stringify } from "yaml";
import { canonicalJson, err, ok, type Json, type Result } from "../lib/index.ts";
import { publicationNames, readPlanFile, type PlanEntry, type PlanFile } from "../table/index.ts";

/** Of a ConfigMap's 1 MiB: the rest is for its metadata. */
const mostBytes = 900 * 1_024;

export interface PlanConfigMap {
  apiVersion: "v1";
  kind: "ConfigMap";
  metadata: { name: string; namespace: string; labels: Readonly<Record<string, string>> };
  data: Readonly<Record<string, string>>;
}

interface Group {
  namespace: string;
  routerClass: string;
}

export const planKey = "plans.json";
const holds = { "switchyard.dev/holds": "plans" } as const;

/** Plans as ConfigMaps: one mostly, and as many as it takes where they are more than one can hold. */
export function planConfigMaps(group: Group, plans: readonly PlanEntry[]): PlanConfigMap[] {
  return shards(plans).map((some, shard) => {
    const file: PlanFile = { version: 1, class: group.routerClass, plans: some };
    return {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: publicationNames(group.routerClass).plans(shard),
        namespace: group.namespace,
        labels: holds,
      },
      // One text for the same plans, however they were read: an object that is not changed is not published anew.
      data: { [planKey]: canonicalJson(file as unknown as Json) },
    };
  });
}

function shards(plans: readonly PlanEntry[]): PlanEntry[][] {
  const made: PlanEntry[][] = [[]];
  let size = 0;
  for (const entry of plans) {
    const bytes = Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (size + bytes > mostBytes) {
      made.push([]);
      size = 0;
    }
    made.at(-1)?.push(entry);
    size += bytes;
  }
  return made;
}

/** As a file that `kubectl apply` and a local folder take. */
export function planYaml(maps: readonly PlanConfigMap[]): string {
  const note = "# Made by switchyard plan, which rewrites it: an edit does not last.\n";
  return note + maps.map((map) => stringify(map, { lineWidth: 0 })).join("---\n");
}

/** @returns the plans of a file that `planYaml` wrote, or what is wrong with it */
export function readPlanYaml(text: string): Result<PlanEntry[], string> {
  const plans: PlanEntry[] = [];
  for (const document of text.split(/^---$/m)) {
    const read = readDocument(document);
    if (!read.ok) return read;
    plans.push(...read.value);
  }
  return ok(plans);
}

function readDocument(text: string): Result<readonly PlanEntry[], string> {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    return err(`it is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  const content = (value as { data?: Record<string, unknown> } | null)?.data?.[planKey];
  if (typeof content !== "string") return err(`it is no ConfigMap with data["${planKey}"]`);
  const file = readPlanFile(content);
  return file.ok ? ok(file.value.plans) : file;
}
