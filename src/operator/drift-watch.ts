import type { Manifest } from "../api/index.ts";
import { groupsOf, unwatchedBecause, type Group } from "../compile/index.ts";
import type { DriftWatch } from "./group.ts";
import type { ClassConfig } from "./operator-config.ts";

/** What a route's text may say of drift, whether the rest of it is valid or not. */
interface DriftText {
  goldenSet?: { configMap?: { name?: unknown } };
}

/** What of a group is watched for drift; undefined where no route asks for it, or its class has nothing to look at. */
export function driftWatchOf(
  manifests: readonly Manifest[],
  group: Group,
  config: ClassConfig,
): DriftWatch | undefined {
  if (unwatchedBecause(config) !== undefined) return undefined;
  const texts = manifests.flatMap((manifest) => {
    const text = driftTextOf(manifest);
    return text !== undefined && isOf(manifest, group) ? [text] : [];
  });
  if (texts.length === 0) return undefined;
  const names = texts.flatMap(({ goldenSet }) => {
    const name = goldenSet?.configMap?.name;
    return typeof name === "string" && name !== "" ? [name] : [];
  });
  return { goldenSets: [...new Set(names)].toSorted() };
}

/** Whether the drift job looks at a route, whose class has this configuration; undefined: there is no such class. */
export const isWatchedForDrift = (manifest: Manifest, config: ClassConfig | undefined): boolean =>
  config !== undefined &&
  unwatchedBecause(config) === undefined &&
  driftTextOf(manifest) !== undefined;

/** Undefined where the manifest does not ask to be watched. */
function driftTextOf({ kind, spec }: Manifest): DriftText | undefined {
  if (kind !== "ModelRoute") return undefined;
  const { drift } = (spec ?? {}) as { drift?: DriftText | null };
  return drift ?? undefined;
}

function isOf(manifest: Manifest, { namespace, routerClass }: Group): boolean {
  const [found] = groupsOf([manifest]);
  return found?.namespace === namespace && found.routerClass === routerClass;
}
