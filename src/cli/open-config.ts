import { ConfigFolder, requireFolder } from "./config-folder.ts";
import type { Environment } from "./environment.ts";
import { chooseGroup, type Group } from "./folder-tables.ts";
import { UsageError } from "./usage-error.ts";
import type { ConfigMapManifest, Manifest } from "../api/index.ts";

export interface OpenConfig {
  folder: ConfigFolder;
  manifests: readonly Manifest[];
  configMaps: readonly ConfigMapManifest[];
  group: Group;
}

interface ConfigFlags {
  config?: string | undefined;
  namespace?: string | undefined;
  class?: string | undefined;
}

/** @throws UsageError where there is no folder, a file of it does not parse, or no group can be chosen */
export async function openConfig(
  flags: ConfigFlags,
  environment: Environment,
  otherwise?: string,
): Promise<OpenConfig> {
  const path = flags.config ?? environment.SWITCHYARD_CONFIG ?? otherwise;
  if (path === undefined) throw new UsageError("Say where the YAML files are: --config DIR");
  await requireFolder(path);
  const folder = new ConfigFolder(path);
  const { manifests, configMaps, errors } = await folder.read();
  if (errors.length > 0) throw new UsageError(errors.join("\n"));
  const wanted = { namespace: flags.namespace, routerClass: flags.class };
  return { folder, manifests, configMaps, group: chooseGroup(manifests, wanted, path) };
}
