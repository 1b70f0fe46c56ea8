import { compile, type ClassSettings } from "../compile/index.ts";
import type { RoutingTable } from "../table/index.ts";
import { findingText } from "./folder-tables.ts";
import { readModelMap } from "./model-map.ts";
import type { OpenConfig } from "./open-config.ts";

/** What a class may reach is the operator's configuration, which a file cannot know. */
export const anywhere: ClassSettings = {
  endpointHosts: ["*"],
  allowLoopbackEndpoints: true,
  roleArns: ["*"],
};

/** The table that a folder makes, for who only looks at it. What is wrong with the folder goes to standard error. */
export function tableOfFolder({ group, manifests, configMaps }: OpenConfig): RoutingTable {
  const input = { group, manifests, configMaps, readModel: readModelMap, settings: anywhere };
  const { table, findings } = compile({ ...input, now: Date.now() });
  for (const finding of findings) {
    if (finding.severity === "Error")
      console.error(findingText(finding, [...manifests, ...configMaps]));
  }
  return table;
}
