import type { Connection } from "./connection.ts";
import { KubeError } from "./kube-error.ts";
import type { KubeObject } from "./kube-object.ts";
import { pathOf, type ResourceType } from "./resource-types.ts";

export interface ApplyOptions {
  connection: Connection;
  type: ResourceType;
  /** Who owns the fields that are set; fields that a later apply leaves out are removed. */
  fieldManager: string;
  subresource?: "status";
  /** Takes over fields that other managers own. */
  force?: boolean;
}

/**
 * Server-side apply of exactly the fields that the object holds. An object that is not there is made:
 * where it must exist already, name its `metadata.uid`.
 *
 * @returns the object as it is then
 * @throws KubeError
 */
export async function applyObject<Item extends KubeObject>(
  item: Item,
  options: ApplyOptions,
): Promise<Item> {
  const { connection, type, fieldManager, subresource, force = true } = options;
  const { name, namespace } = item.metadata;
  return connection.json<Item>({
    method: "PATCH",
    path: pathOf(type, { namespace, name, ...(subresource === undefined ? {} : { subresource }) }),
    query: { fieldManager, force: String(force) },
    contentType: "application/apply-patch+yaml",
    body: item,
  });
}

interface Where {
  namespace?: string | undefined;
  name: string;
}

/** @throws KubeError, NotFound among them */
export async function getObject<Item extends KubeObject>(
  connection: Connection,
  type: ResourceType,
  where: Where,
): Promise<Item> {
  return connection.json<Item>({ method: "GET", path: pathOf(type, where) });
}

/**
 * Deletes an object, if it is still the one with this uid; what is gone already is no error.
 * Dependents go by the garbage collector's hand.
 */
export async function deleteObject(
  connection: Connection,
  type: ResourceType,
  { uid, ...where }: Where & { uid: string },
): Promise<void> {
  const body = {
    apiVersion: "v1",
    kind: "DeleteOptions",
    propagationPolicy: "Background",
    preconditions: { uid },
  };
  try {
    await connection.json({ method: "DELETE", path: pathOf(type, where), body });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Not there, or another object under its name. */
function isGone(error: unknown): boolean {
  return error instanceof KubeError && (error.code === "NotFound" || error.code === "Conflict");
}
