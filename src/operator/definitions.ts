import type { Clock } from "../lib/index.ts";
import { getObject, KubeError, resourceTypes, type Connection } from "../kube/index.ts";
import { group, kindNames, pluralOf } from "../api/index.ts";

/** Whether what the stores lack was deleted by somebody who meant that resource. */
export type DefinitionsStand = () => Promise<boolean>;

/**
 * How long after the definitions were found missing nothing is believed to be deleted: whoever installs
 * them again is about to apply the resources again, too.
 */
const graceMs = 300_000;

/**
 * A deleted CustomResourceDefinition takes every resource with it, and nobody meant to delete those.
 *
 * @returns a question that resolves to false while a definition is missing or going, and for a while after
 * @throws KubeError where that cannot be told
 */
export function watchDefinitions(connection: Connection, clock: Clock): DefinitionsStand {
  let missingAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const standing = await Promise.all(
      kindNames.map((kind) => stands(connection, `${pluralOf(kind)}.${group}`)),
    );
    if (standing.includes(false)) missingAt = clock.elapsed();
    return clock.elapsed() - missingAt > graceMs;
  };
}

async function stands(connection: Connection, name: string): Promise<boolean> {
  try {
    const type = resourceTypes.CustomResourceDefinition;
    const { metadata } = await getObject(connection, type, { name });
    return metadata.deletionTimestamp === undefined;
  } catch (error) {
    if (error instanceof KubeError && error.code === "NotFound") return false;
    throw error;
  }
}
