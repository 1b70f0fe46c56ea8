import type { Random } from "../../lib/index.ts";

import { topicWords } from "./prose.ts";

type Schema = Record<string, unknown>;

/** What an instance is made for: chance, the prompt it should speak of, and an answer if there is one. */
export interface InstanceSource {
  random: Random;
  prompt: string;
  answer?: string | undefined;
}

interface Writer extends InstanceSource {
  root: Schema;
  depth: number;
  /** Values that may still be written, counted down by all who share it. */
  budget: { left: number };
}

const deepest = 12;
// Schemas that hold themselves several times would otherwise grow without measure.
const mostValues = 2000;

/** A value that conforms to a JSON schema, with words and numbers of the prompt where they fit. */
export function instanceOf(schema: unknown, source: InstanceSource): unknown {
  const root = asSchema(schema);
  return write(root, "", { ...source, root, depth: 0, budget: { left: mostValues } });
}

const asSchema = (value: unknown): Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : {};

function write(schema: Schema, name: string, writer: Writer): unknown {
  const resolved = resolve(schema, writer);
  if ("const" in resolved) return resolved["const"];
  if (Array.isArray(resolved["enum"])) return chooseEnum(resolved["enum"], writer);
  // Where a schema demands itself without end, no value conforms; null ends it.
  writer.budget.left -= 1;
  if (writer.depth > deepest || writer.budget.left < 0) return null;
  const inner = { ...writer, depth: writer.depth + 1 };
  return writers[typeOf(resolved)]?.(resolved, name, inner) ?? null;
}

// Where the prompt names one of the values, that one is meant.
function chooseEnum(values: unknown[], writer: Writer): unknown {
  const prompt = writer.prompt.toLowerCase();
  const named = values.find(
    (value) => typeof value === "string" && prompt.includes(value.toLowerCase()),
  );
  return named ?? values[Math.floor(writer.random() * values.length)] ?? null;
}

function resolve(schema: Schema, writer: Writer): Schema {
  let current = schema;
  for (let hops = 0; hops < deepest && typeof current["$ref"] === "string"; hops += 1) {
    current = lookUp(writer.root, current["$ref"]);
  }
  const options = [current["anyOf"], current["oneOf"]].find(Array.isArray) as unknown[] | undefined;
  if (options !== undefined)
    return resolve(shallowest(options, writer), { ...writer, depth: writer.depth + 1 });
  if (!Array.isArray(current["allOf"])) return current;
  return (current["allOf"] as unknown[])
    .map((part) => resolve(asSchema(part), writer))
    .reduce(merge, current);
}

// A recursive schema ends only where its plainest branch is taken in time.
function shallowest(options: readonly unknown[], writer: Writer): Schema {
  const schemas = options.map(asSchema);
  const plain = schemas.find((schema) => plainTypes.includes(schema["type"] as string));
  return (writer.depth > 4 ? plain : undefined) ?? schemas[0] ?? {};
}

const plainTypes = ["null", "string", "number", "integer", "boolean"];

function merge(left: Schema, right: Schema): Schema {
  return {
    ...left,
    ...right,
    properties: { ...asSchema(left["properties"]), ...asSchema(right["properties"]) },
    required: [left["required"], right["required"]].filter(Array.isArray).flat(),
  };
}

function lookUp(root: Schema, reference: string): Schema {
  let current: unknown = root;
  for (const part of reference.replace(/^#\/?/, "").split("/").filter(Boolean)) {
    current = asSchema(current)[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return asSchema(current);
}

function typeOf(schema: Schema): string {
  const type = Array.isArray(schema["type"])
    ? schema["type"].find((each) => each !== "null")
    : schema["type"];
  if (typeof type === "string") return type;
  if (schema["properties"] !== undefined) return "object";
  return schema["items"] !== undefined ? "array" : "string";
}

const writers: Record<string, (schema: Schema, name: string, writer: Writer) => unknown> = {
  object: writeObject,
  array: writeArray,
  string: writeString,
  number: (schema, name, writer) => writeNumber(schema, name, writer),
  integer: (schema, name, writer) => Math.trunc(writeNumber(schema, name, writer)),
  boolean: (_schema, _name, writer) => writer.random() < 0.5,
};

function writeObject(schema: Schema, _name: string, writer: Writer): Schema {
  const properties = asSchema(schema["properties"]);
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const wanted = Object.keys(properties).filter(
    (key) => required.includes(key) || writer.depth < 4,
  );
  return Object.fromEntries(
    wanted.map((key) => [key, write(asSchema(properties[key]), key, writer)]),
  );
}

function writeArray(schema: Schema, name: string, writer: Writer): unknown[] {
  const least = bound(schema["minItems"], 0);
  const length = Math.max(least, Math.min(bound(schema["maxItems"], 2), writer.depth > 6 ? 0 : 2));
  return Array.from({ length }, () => write(asSchema(schema["items"]), name, writer));
}

const formats: Record<string, string> = {
  date: "2026-03-14",
  "date-time": "2026-03-14T09:26:53Z",
  time: "09:26:53Z",
  email: "mira@example.com",
  uri: "https://example.com/",
  uuid: "3f2b8c1e-7a64-4d09-9b15-2e6f8a7c4d10",
};

function writeString(schema: Schema, name: string, writer: Writer): string {
  const formatted = typeof schema["format"] === "string" ? formats[schema["format"]] : undefined;
  const text =
    formatted ??
    (/answer|result/i.test(name) ? writer.answer : undefined) ??
    phraseFrom(writer.prompt, writer.random);
  const least = bound(schema["minLength"], 0);
  return text.padEnd(least, "x").slice(0, bound(schema["maxLength"], 400));
}

// A quoted phrase, a place after "in", a proper name, or else what the prompt is about.
function phraseFrom(prompt: string, random: Random): string {
  const tail = prompt.slice(-2000);
  const quoted = /["“]([^"“”]{1,80})["”]/.exec(tail)?.[1];
  const place = /\b(?:in|for|at|of|to)\s+(\p{Lu}[\p{L}'-]{1,30}(?:\s\p{Lu}[\p{L}'-]{1,30})?)/u.exec(
    tail,
  )?.[1];
  const topics = topicWords(tail);
  return quoted ?? place ?? topics[Math.floor(random() * topics.length)] ?? "sample";
}

function writeNumber(schema: Schema, name: string, writer: Writer): number {
  const answer = /answer|result/i.test(name) ? Number(writer.answer ?? Number.NaN) : Number.NaN;
  const told = Number(/-?\d+(?:\.\d+)?/.exec(writer.prompt.slice(-2000))?.[0] ?? Number.NaN);
  const value =
    [answer, told].find((each) => Number.isFinite(each)) ?? Math.floor(writer.random() * 100);
  const low = bound(
    schema["minimum"],
    Number.isFinite(schema["exclusiveMinimum"])
      ? Number(schema["exclusiveMinimum"]) + 1
      : -Infinity,
  );
  const high = bound(
    schema["maximum"],
    Number.isFinite(schema["exclusiveMaximum"]) ? Number(schema["exclusiveMaximum"]) - 1 : Infinity,
  );
  const inside = Math.min(high, Math.max(low, value));
  const step = bound(schema["multipleOf"], 0);
  return step > 0 ? Math.ceil(inside / step) * step : inside;
}

const bound = (value: unknown, otherwise: number): number =>
  typeof value === "number" ? value : otherwise;
