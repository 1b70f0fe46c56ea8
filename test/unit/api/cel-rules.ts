import { Environment } from "@marcbachmann/cel-js";
import {
  children,
  kindNames,
  resourceSchema,
  type Kind,
  type SchemaNode,
} from "../../../src/api/index.ts";

interface Rule {
  rule: string;
  message: string;
}

/** CEL with what Kubernetes adds to it and rules make use of. */
const environment = new Environment({ unlistedVariablesAreDyn: true }).registerFunction(
  "list.sum(): int",
  (numbers: readonly bigint[]) => numbers.reduce((sum, each) => sum + each, 0n),
);

const rulesAt = (node: SchemaNode): readonly Rule[] =>
  (node["x-kubernetes-validations"] ?? []) as Rule[];

const specSchemas = new Map(
  kindNames.map((kind) => [
    kind,
    (resourceSchema(kind)["properties"] as { spec: SchemaNode }).spec,
  ]),
);

export const specSchemaOf = (kind: Kind): SchemaNode => specSchemas.get(kind) ?? {};

/** The rules of a schema and of all schemas within it. */
export function rulesIn(node: SchemaNode): Rule[] {
  return [...rulesAt(node), ...children(node).flatMap(([, child]) => rulesIn(child))];
}

/** Rules between the old and the new value need both. */
export const isTransition = ({ rule }: Rule): boolean => rule.includes("oldSelf");

/** The messages of the rules that a value breaks, and how often each rule was asked. */
export function brokenRules(
  node: SchemaNode,
  value: unknown,
  asked = new Map<string, number>(),
): string[] {
  if (value === undefined) return [];
  const self = celValue(node, value);
  const own = rulesAt(node).filter((rule) => {
    if (isTransition(rule)) return false;
    asked.set(rule.message, (asked.get(rule.message) ?? 0) + 1);
    return environment.evaluate(rule.rule, { self }) !== true;
  });
  const below = members(node, value).flatMap(([child, member]) =>
    brokenRules(child, member, asked),
  );
  return [...own.map(({ message }) => message), ...below];
}

/** As the API server does it: a default stands in for what is absent, from the outside inwards. */
export function withDefaults(node: SchemaNode, value: unknown): unknown {
  const given = value === undefined || value === null ? node["default"] : value;
  if (given === undefined || given === null) return undefined;
  if (Array.isArray(given))
    return given.map((item) => withDefaults(node["items"] as SchemaNode, item));
  if (typeof given !== "object") return given;
  const result: Record<string, unknown> = { ...given };
  for (const [name, child] of Object.entries(
    (node["properties"] ?? {}) as Record<string, SchemaNode>,
  )) {
    result[name] = withDefaults(child, result[name]);
    if (result[name] === undefined) delete result[name];
  }
  return result;
}

/** CEL in Kubernetes sees timestamps where the format says so, and whole numbers. */
function celValue(node: SchemaNode | undefined, value: unknown): unknown {
  if (typeof value === "number") return BigInt(value);
  if (node?.["format"] === "date-time") return new Date(String(value));
  if (Array.isArray(value))
    return value.map((item) => celValue(node?.["items"] as SchemaNode, item));
  if (typeof value !== "object" || value === null) return value;
  const properties = (node?.["properties"] ?? {}) as Record<string, SchemaNode>;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, celValue(properties[name], member)]),
  );
}

function members(node: SchemaNode, value: unknown): [SchemaNode, unknown][] {
  if (Array.isArray(value)) return value.map((item) => [node["items"] as SchemaNode, item]);
  const properties = (node["properties"] ?? {}) as Record<string, SchemaNode>;
  return Object.entries(properties).map(([name, child]) => [
    child,
    (value as Record<string, unknown>)[name],
  ]);
}
