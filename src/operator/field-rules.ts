/**
 * How the API server merges and writes the fields that builders set, by the name of the field: what
 * OpenAPI says as `x-kubernetes-list-map-keys`, `x-kubernetes-map-type` and the type of a leaf.
 */

/** Lists whose items are known by these members, those of them that an item has. */
const listKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  env: ["name"],
  imagePullSecrets: ["name"],
  ownerReferences: ["uid"],
  ports: ["containerPort", "port", "protocol"],
  topologySpreadConstraints: ["topologyKey", "whenUnsatisfiable"],
  volumeMounts: ["mountPath"],
  volumes: ["name"],
};

/** Objects that are replaced as a whole. Lists without keys are so, too. */
const atomicObjects: ReadonlySet<string> = new Set([
  "fieldRef",
  "labelSelector",
  "nodeSelector",
  "podSelector",
  "roleRef",
  "scaleTargetRef",
  "selector",
]);

const quantityHolders: ReadonlySet<string> = new Set(["limits", "requests"]);

const intOrStrings: ReadonlySet<string> = new Set([
  "maxSurge",
  "maxUnavailable",
  "minAvailable",
  "port",
  "targetPort",
]);

/** The members that an item of a keyed list is known by; undefined where the list has no keys. */
export const keysOfList = (field: string | undefined): readonly string[] | undefined =>
  listKeys[field ?? ""];

export const isAtomicObject = (field: string | undefined): boolean =>
  atomicObjects.has(field ?? "");

export type LeafType = "Quantity" | "IntOrString" | "Plain";

/** @param path the names of the fields that lead to the leaf, list items left out */
export function leafType(path: readonly string[]): LeafType {
  const [holder = "", field = ""] = path.slice(-2);
  if (quantityHolders.has(holder) || field === "sizeLimit") return "Quantity";
  return intOrStrings.has(field) ? "IntOrString" : "Plain";
}
