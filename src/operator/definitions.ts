import { group, kindNames, pluralOf } from "../api/index.ts";
import { getObject, KubeError, resourceTypes, type Connection } from "../kube/index.ts";
import type { Clock } from "../lib/index.ts";

/**
 * Whether what the stores lack of a group was deleted by somebody who meant that resource.
 *
 * @param since when the group was made, in milliseconds since the epoch; absent where it is being made
 * @throws KubeError where that cannot be told
 */
export type DefinitionsStand = (since: number | undefined) => Promise<boolean>;

/**
 * How long after definitions were made anew nothing is believed to be deleted of the groups that are
 * older than they: whoever installs definitions again is about to apply the resources again, too.
 */
const graceMs = 300_000;

/**
 * A deleted CustomResourceDefinition takes every resource with it, and nobody meant to delete those.
 *
 * @returns a question whose answer is asked of the API server once, however often it is put
 */
export function askForDefinitions(connection: Connection, clock: Clock): DefinitionsStand {
  let asked: Promise<(number | undefined)[]> | undefined;
  return async (since = Number.POSITIVE_INFINITY) => {
    asked ??= Promise.all(
      kindNames.map((kind) => madeAt(connection, `${pluralOf(kind)}.${group}`)),
    );
    return (await asked).every(
      (made) => made !== undefined && (made <= since || clock.now() - made > graceMs),
    );
  };
}

/** When a definition was made; undefined where it is not there or on its way out. */
async function madeAt(connection: Connection, name: string): Promise<number | undefined> {
  try {
    const type = resourceTypes.CustomResourceDefinition;
    const { metadata } = await getObject(connection, type, { name });
    if (metadata.deletionTimestamp !== undefined) return undefined;
    return Date.parse(metadata.creationTimestamp ?? "");
  } catch (error) {
    if (error instanceof KubeError && error.code === "NotFound") return undefined;
    throw error;
  }
}

/** When an object was made, in milliseconds since the epoch; undefined where that is not known. */
export function createdAt(
  object: { metadata: { creationTimestamp?: string } } | undefined,
): number | undefined {
  const instant = Date.parse(object?.metadata.creationTimestamp ?? "");
  return Number.isNaN(instant) ? undefined : instant;
}
