import type { SchemaNode } from "./structural.ts";

type Check = (node: SchemaNode) => string | undefined;

const forbidden = [
  "$ref",
  "$defs",
  "anyOf",
  "oneOf",
  "allOf",
  "not",
  "const",
  "nullable",
  "uniqueItems",
  "propertyNames",
  "prefixItems",
];

const knownTypes = ["object", "array", "string", "integer", "boolean"];

const saysNothingForbidden: Check = (node) => {
  const found = forbidden.find((keyword) => keyword in node);
  return found === undefined
    ? undefined
    : `${found} is refused by the API server, or costs other readers dear`;
};

const hasType: Check = (node) =>
  knownTypes.includes(String(node["type"]))
    ? undefined
    : `type must be one of ${knownTypes.join(", ")}`;

const isDescribed: Check = (node) => {
  const description = node["description"];
  return typeof description === "string" && /^[A-Z][^]{8,}\.$/.test(description)
    ? undefined
    : "description must be a whole sentence";
};

/** What keeps a value of each type small, and with it the cost of rules in CEL. */
const bounds: Readonly<Record<string, readonly string[]>> = {
  array: ["maxItems"],
  integer: ["minimum", "maximum"],
  string: ["maxLength"],
};

const isBounded: Check = (node) => {
  if ("enum" in node) return undefined;
  const needed = isMap(node) ? ["maxProperties"] : (bounds[String(node["type"])] ?? []);
  const missing = needed.filter((keyword) => !(keyword in node));
  return missing.length === 0 ? undefined : `${missing.join(" and ")} is missing`;
};

const isClosed: Check = (node) =>
  node["type"] !== "object" || "properties" in node !== isMap(node)
    ? undefined
    : "an object has either properties or additionalProperties";

const hasListType: Check = (node) =>
  node["type"] !== "array" || "x-kubernetes-list-type" in node
    ? undefined
    : "x-kubernetes-list-type is missing";

const hasListKeys: Check = (node) => {
  const keys = node["x-kubernetes-list-map-keys"];
  if (node["x-kubernetes-list-type"] !== "map") return undefined;
  if (!Array.isArray(keys)) return "x-kubernetes-list-map-keys is missing";
  const { required = [], properties = {} } = (node["items"] ?? {}) as {
    required?: string[];
    properties?: Record<string, SchemaNode>;
  };
  const bad = keys
    .map(String)
    .find((key) => !required.includes(key) && properties[key]?.["default"] === undefined);
  return bad === undefined ? undefined : `the key ${bad} is neither required nor defaulted`;
};

const knowsFormat: Check = (node) =>
  node["format"] === undefined || node["format"] === "date-time"
    ? undefined
    : `the format ${JSON.stringify(node["format"])} is refused`;

/** Look-around, back-references and named groups are JavaScript's; the API server reads RE2. */
const patternIsPortable: Check = (node) => {
  const pattern = node["pattern"];
  if (typeof pattern !== "string") return undefined;
  return /\(\?[^:]|\\[1-9kbBpPu]/.test(pattern) ? "pattern is not portable to RE2" : undefined;
};

const rulesSpeak: Check = (node) => {
  const rules = (node["x-kubernetes-validations"] ?? []) as { rule?: string; message?: string }[];
  const bad = rules.find(({ rule, message }) => !rule || !message || !message.endsWith("."));
  return bad === undefined
    ? undefined
    : "a validation lacks its rule or the sentence that says what to do";
};

const checks: readonly Check[] = [
  saysNothingForbidden,
  hasType,
  isDescribed,
  isBounded,
  isClosed,
  hasListType,
  hasListKeys,
  knowsFormat,
  patternIsPortable,
  rulesSpeak,
];

/** What the API server would refuse, or people would miss, in a finished schema: one line each, with its path. */
export function lintSchema(node: SchemaNode, path = ""): string[] {
  // Metadata is Kubernetes' own: a CRD says no more of it than its type.
  if (path === ".metadata") return [];
  const own = checks.flatMap((check) => {
    const message = check(node);
    return message === undefined ? [] : [`${path === "" ? "(root)" : path}: ${message}`];
  });
  return [
    ...own,
    ...children(node).flatMap(([step, child]) => lintSchema(child, `${path}${step}`)),
  ];
}

/** The schemas within a schema, each with the step that leads to it. */
export function children(node: SchemaNode): [step: string, child: SchemaNode][] {
  const members = Object.entries((node["properties"] ?? {}) as Record<string, SchemaNode>);
  return [
    ...members.map(([name, child]): [string, SchemaNode] => [`.${name}`, child]),
    ...(isSchema(node["items"]) ? [["[]", node["items"]] as [string, SchemaNode]] : []),
    ...(isMap(node)
      ? [[".*", node["additionalProperties"] as SchemaNode] as [string, SchemaNode]]
      : []),
  ];
}

const isSchema = (value: unknown): value is SchemaNode =>
  typeof value === "object" && value !== null;

const isMap = (node: SchemaNode): boolean => isSchema(node["additionalProperties"]);
