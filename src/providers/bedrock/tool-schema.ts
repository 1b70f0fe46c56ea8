import { type Growth, openGrowth } from "./growth.ts";
import type { JsonDocument } from "./tool-use.ts";

type Schema = Record<string, unknown>;

const deepest = 64;
/** What a pointer is long at most: longer ones lead nowhere. */
const longestReference = 1_000;

/**
 * A function's parameters as models take them: an object at the root, and every `$ref` into the
 * schema itself written out. What refers to itself, or grows too large, may hold anything there.
 */
export function toolSchema(
  parameters: Schema | null | undefined,
  growth = openGrowth(),
): JsonDocument {
  const schema = parameters ?? {};
  const inlined = hasReference(schema) ? new Inliner(schema, growth).inline() : schema;
  return rootObject(inlined) as JsonDocument;
}

function rootObject(schema: Schema): Schema {
  const { type: _type, properties = {}, ...rest } = schema;
  return { type: "object", properties, ...rest };
}

const hasReference = (schema: Schema): boolean => JSON.stringify(schema).includes('"$ref"');

class Inliner {
  readonly #root: Schema;
  readonly #growth: Growth;

  constructor(root: Schema, growth: Growth) {
    this.#root = root;
    this.#growth = growth;
  }

  inline(): Schema {
    const { $defs: _defs, definitions: _definitions, ...root } = this.#root;
    return this.#visit(root, []) as Schema;
  }

  #visit(value: unknown, open: readonly string[], depth = 0): unknown {
    if (typeof value !== "object" || value === null) return value;
    // What stands in the schema itself was sent as it is: only what is repeated counts.
    const fits = open.length === 0 || this.#grow(value);
    if (!fits || depth > deepest) return Array.isArray(value) ? [] : {};
    if (Array.isArray(value)) return value.map((item) => this.#visit(item, open, depth + 1));
    const schema = value as Schema;
    return typeof schema["$ref"] === "string"
      ? this.#follow(schema, schema["$ref"], open, depth)
      : this.#members(schema, open, depth);
  }

  /** @returns whether there is room for the value, without the objects in it */
  #grow(value: object): boolean {
    if (this.#growth.left > 0) this.#growth.left -= sizeOf(value);
    return this.#growth.left > 0;
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

/** Of an object without the objects in it. */
function sizeOf(value: object): number {
  let size = 4;
  for (const [key, member] of Object.entries(value)) {
    size += key.length + (typeof member === "string" ? member.length : 0) + 4;
  }
  return size;
}

/** Follows a JSON pointer within the schema: `#/$defs/Node`. */
function resolve(root: Schema, reference: string): Schema | undefined {
  if (!reference.startsWith("#") || reference.length > longestReference) return undefined;
  let found: unknown = root;
  for (const step of reference.slice(1).split("/").slice(1)) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    found = isSchema(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return isSchema(found) ? found : undefined;
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
