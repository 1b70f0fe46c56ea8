import { compile, type ClassSettings, type Compiled } from "../compile/index.ts";
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

/** What the folder as it was read makes, with no regard to a table before. */
export function compileFolder({ group, manifests, configMaps }: OpenConfig): Compiled {
  const input = { group, manifests, configMaps, readModel: readModelMap, settings: anywhere };
  return compile({ ...input, now: Date.now() });
}

/** The table that a folder makes, for who only looks at it. What is wrong with the folder goes to standard error. */
export function tableOfFolder(config: OpenConfig): RoutingTable {
  const { table, findings } = compileFolder(config);
  for (const finding of findings) {
    if (finding.severity === "Error")
      console.error(findingText(finding, [...config.manifests, ...config.configMaps]));
  }
  return table;
}
