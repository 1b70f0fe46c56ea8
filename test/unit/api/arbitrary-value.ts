import fc from "fast-check";
import type { SchemaNode } from "../../../src/api/index.ts";

/** Values of the right types and patterns, which may break any rule across fields. */
export function arbitraryValue(node: SchemaNode): fc.Arbitrary<unknown> {
  if (Array.isArray(node["enum"])) return fc.constantFrom(...(node["enum"] as unknown[]));
  switch (node["type"]) {
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({
        min: Number(node["minimum"]),
        max: Math.min(Number(node["maximum"]), 2 ** 31 - 1),
      });
    case "string":
      return arbitraryText(node);
    case "array":
      return fc.array(arbitraryValue(node["items"] as SchemaNode), {
        minLength: Number(node["minItems"] ?? 0),
        maxLength: Math.min(Number(node["maxItems"]), 3),
      });
    default:
      return arbitraryObject(node);
  }
}

function arbitraryText(node: SchemaNode): fc.Arbitrary<string> {
  if (node["format"] === "date-time") {
    const year2027 = {
      min: new Date("2027-01-01"),
      max: new Date("2027-12-31"),
      noInvalidDate: true,
    };
    return fc.date(year2027).map((date) => date.toISOString());
  }
  const limit = Number(node["maxLength"]);
  const pattern = node["pattern"];
  if (typeof pattern !== "string")
    return fc.string({ minLength: Number(node["minLength"] ?? 0), maxLength: Math.min(limit, 20) });
  return fc
    .stringMatching(new RegExp(pattern), { size: "xsmall" })
    .filter((text) => text.length <= limit && text.length >= Number(node["minLength"] ?? 0));
}

function arbitraryObject(node: SchemaNode): fc.Arbitrary<unknown> {
  const properties = node["properties"] as Record<string, SchemaNode> | undefined;
  if (properties === undefined) return fc.constant({});
  const model = Object.fromEntries(
    Object.entries(properties).map(([name, child]) => [name, arbitraryValue(child)]),
  );
  return fc.record(model, { requiredKeys: (node["required"] ?? []) as string[] });
}
