import { z } from "zod";

/** A node of a JSON schema, as zod writes it and as the API server reads it. */
export interface SchemaNode {
  [keyword: string]: unknown;
}

/** Keywords that both sides understand alike. */
const kept = new Set([
  "type",
  "description",
  "default",
  "enum",
  "format",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "required",
  "x-kubernetes-list-type",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-validations",
]);

/**
 * The structural OpenAPI schema of what people may write: input types, defaults beside them.
 *
 * @throws TypeError on a keyword that has no translation; such a schema must be written in other words
 */
export function structuralSchema(schema: z.ZodType): SchemaNode {
  return translated(z.toJSONSchema(schema, { io: "input", unrepresentable: "throw" }), "");
}

function translated(node: SchemaNode, path: string): SchemaNode {
  const result: SchemaNode = {};
  for (const [keyword, value] of Object.entries(node))
    Object.assign(result, translatedKeyword(keyword, value, path));
  // The API server checks the format itself; zod's expression for it is one that only JavaScript reads.
  if (result["format"] !== undefined) delete result["pattern"];
  return withWholeDefault(result);
}

/**
 * Puts the members' defaults into the default of an object: the API server runs the rules on a default
 * as it is written, before it fills in what lies below.
 */
function withWholeDefault(node: SchemaNode): SchemaNode {
  const { default: own, properties } = node as {
    default?: Record<string, unknown>;
    properties?: Record<string, SchemaNode>;
  };
  if (own === undefined || properties === undefined) return node;
  const members = Object.entries(properties).filter(
    ([, member]) => member["default"] !== undefined,
  );
  return {
    ...node,
    default: {
      ...Object.fromEntries(members.map(([name, member]) => [name, member["default"]])),
      ...own,
    },
  };
}

function translatedKeyword(keyword: string, value: unknown, path: string): SchemaNode {
  // JavaScript escapes slashes in an expression's source; nobody else need read that.
  if (keyword === "pattern") return { pattern: String(value).replaceAll("\\/", "/") };
  if (kept.has(keyword)) return { [keyword]: value };
  switch (keyword) {
    case "$schema":
    // Keys of maps stay unchecked: structural schemas have no word for them.
    case "propertyNames":
      return {};
    case "additionalProperties":
      // Unknown fields are pruned or, by kubectl, refused; a structural schema may not say so beside properties.
      return value === false ? {} : { [keyword]: translated(value as SchemaNode, `${path}.*`) };
    case "items":
      return { items: translated(value as SchemaNode, `${path}[]`) };
    case "properties":
      return { properties: translatedMembers(value as Record<string, SchemaNode>, path) };
    default:
      throw new TypeError(
        `${path === "" ? "The schema" : path} uses ${keyword}, which no CRD can say`,
      );
  }
}

function translatedMembers(
  members: Record<string, SchemaNode>,
  path: string,
): Record<string, SchemaNode> {
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => [name, translated(member, `${path}.${name}`)]),
  );
}
