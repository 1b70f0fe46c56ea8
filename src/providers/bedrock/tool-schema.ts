import type { JsonDocument } from "./tool-use.ts";

type Schema = Record<string, unknown>;

// Definitions that refer to each other can grow without bound when written out.
const mostNodes = 20_000;
const deepest = 64;

/**
 * A function's parameters as models take them: an object at the root, and every `$ref` into the
 * schema itself written out. What refers to itself, or grows too large, may hold anything there.
 */
export function toolSchema(parameters: Schema | null | undefined): JsonDocument {
  const schema = parameters ?? {};
  const inlined = hasReference(schema) ? new Inliner(schema).inline() : schema;
  return rootObject(inlined) as JsonDocument;
}

function rootObject(schema: Schema): Schema {
  const { type: _type, properties = {}, ...rest } = schema;
  return { type: "object", properties, ...rest };
}

const hasReference = (schema: Schema): boolean => JSON.stringify(schema).includes('"$ref"');

class Inliner {
  readonly #root: Schema;
  #nodes = 0;

  constructor(root: Schema) {
    this.#root = root;
  }

  inline(): Schema {
    const { $defs: _defs, definitions: _definitions, ...root } = this.#root;
    return this.#visit(root, []) as Schema;
  }

  #visit(value: unknown, open: readonly string[], depth = 0): unknown {
    if (typeof value !== "object" || value === null) return value;
    this.#nodes += 1;
    if (this.#nodes > mostNodes || depth > deepest) return {};
    if (Array.isArray(value)) return value.map((item) => this.#visit(item, open, depth + 1));
    const schema = value as Schema;
    return typeof schema["$ref"] === "string"
      ? this.#follow(schema, schema["$ref"], open, depth)
      : this.#members(schema, open, depth);
  }

  /** What stands beside a reference, such as a description, outranks what it refers to. */
  #follow(schema: Schema, reference: string, open: readonly string[], depth: number): unknown {
    const { $ref: _, ...beside } = schema;
    const target = open.includes(reference) ? undefined : resolve(this.#root, reference);
    const within = [...open, reference];
    const inlined = target === undefined ? {} : this.#visit(target, within, depth + 1);
    return { ...(inlined as Schema), ...this.#members(beside, open, depth) };
  }

  #members(schema: Schema, open: readonly string[], depth: number): Schema {
    return Object.fromEntries(
      Object.entries(schema).map(([key, member]) => [key, this.#visit(member, open, depth + 1)]),
    );
  }
}

/** Follows a JSON pointer within the schema: `#/$defs/Node`. */
function resolve(root: Schema, reference: string): Schema | undefined {
  if (!reference.startsWith("#")) return undefined;
  let found: unknown = root;
  for (const step of reference.slice(1).split("/").slice(1)) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    found = isSchema(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return isSchema(found) ? found : undefined;
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
