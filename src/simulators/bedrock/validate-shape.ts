import { serializationError, validationError } from "../aws-error.ts";
import type { Shape } from "./shape.ts";

interface Walk {
  /** As AWS writes it in constraint messages: `messages.1.member.content`, counted from one. */
  path: string;
  /** As Bedrock writes it in messages of its own: `messages.0.content`, counted from nought. */
  place: string;
  violations: string[];
}

/**
 * Checks a body against its shape.
 *
 * @throws AwsError SerializationException where a type is wrong, ValidationException where a
 *   constraint is broken, a union has not one known member, or a member is unknown. The last is
 *   stricter than AWS, which overlooks unknown members: a client should not send what has no effect.
 */
export function validateShape(shape: Shape, value: unknown): void {
  const walk: Walk = { path: "", place: "", violations: [] };
  check(shape, value, walk);
  const count = walk.violations.length;
  if (count === 0) return;
  const shown = walk.violations.slice(0, 5).join("; ");
  throw validationError(`${count} validation error${count > 1 ? "s" : ""} detected: ${shown}`);
}

function check(shape: Shape, value: unknown, walk: Walk): void {
  if (!hasType(shape, value)) {
    throw serializationError(
      `${tokenOf(value)} can not be converted to ${article(shape.type)} at '${walk.path}'`,
    );
  }
  if (shape.type === "string") checkText(shape, value as string, walk);
  else if (shape.type === "integer" || shape.type === "float")
    checkRange(shape, value as number, walk, "value");
  else if (shape.type === "blob") checkBlob(shape, value as string, walk);
  else checkContainer(shape, value, walk);
}

function checkContainer(shape: Shape, value: unknown, walk: Walk): void {
  if (shape.type === "list") checkList(shape, value as unknown[], walk);
  else if (shape.type === "map") checkMap(shape, value as Record<string, unknown>, walk);
  else if (shape.type === "structure")
    checkStructure(shape, value as Record<string, unknown>, walk);
}

function hasType(shape: Shape, value: unknown): boolean {
  const tests: Record<Shape["type"], () => boolean> = {
    string: () => typeof value === "string",
    blob: () => typeof value === "string",
    integer: () => Number.isInteger(value),
    float: () => typeof value === "number",
    boolean: () => typeof value === "boolean",
    document: () => true,
    list: () => Array.isArray(value),
    map: () => isRecord(value),
    structure: () => isRecord(value),
  };
  return tests[shape.type]();
}

const isRecord = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function tokenOf(value: unknown): string {
  if (value === null) return "NULL_VALUE";
  if (Array.isArray(value)) return "START_ARRAY";
  if (typeof value === "object") return "START_OBJECT";
  if (typeof value === "boolean") return value ? "TRUE_VALUE" : "FALSE_VALUE";
  return typeof value === "number"
    ? Number.isInteger(value)
      ? "NUMBER_VALUE"
      : "DECIMAL_VALUE"
    : "STRING_VALUE";
}

const article = (type: string): string =>
  type === "integer" ? "an Integer" : `a ${type.charAt(0).toUpperCase()}${type.slice(1)}`;

function violate(walk: Walk, value: unknown, constraint: string): void {
  const shown =
    typeof value === "string" || typeof value === "number"
      ? ` '${String(value).slice(0, 80)}'`
      : "";
  walk.violations.push(
    `Value${shown} at '${walk.path}' failed to satisfy constraint: Member must ${constraint}`,
  );
}

function checkText(shape: Extract<Shape, { type: "string" }>, value: string, walk: Walk): void {
  checkRange(shape, value.length, walk, "length", value);
  if (shape.options !== undefined && !shape.options.includes(value)) {
    violate(walk, value, `satisfy enum value set: [${shape.options.join(", ")}]`);
  }
  if (shape.pattern !== undefined && !shape.pattern.test(value)) {
    violate(
      walk,
      value,
      `satisfy regular expression pattern: ${shape.patternText ?? shape.pattern.source}`,
    );
  }
}

function checkRange(
  limits: { min?: number; max?: number },
  size: number,
  walk: Walk,
  noun: "value" | "length",
  shown?: unknown,
): void {
  const value = noun === "value" ? size : shown;
  if (limits.min !== undefined && size < limits.min)
    violate(walk, value, `have ${noun} greater than or equal to ${limits.min}`);
  if (limits.max !== undefined && size > limits.max)
    violate(walk, value, `have ${noun} less than or equal to ${limits.max}`);
}

function checkBlob(shape: Extract<Shape, { type: "blob" }>, value: string, walk: Walk): void {
  if (value.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) {
    throw serializationError(`Unable to decode the base64 content at '${walk.path}'`);
  }
  checkRange(shape, Buffer.byteLength(value, "base64"), walk, "length");
}

function checkList(
  shape: Extract<Shape, { type: "list" }>,
  value: readonly unknown[],
  walk: Walk,
): void {
  checkRange(shape, value.length, walk, "length");
  for (const [index, item] of value.entries()) {
    check(shape.member(), item, {
      ...walk,
      path: `${walk.path}.${index + 1}.member`,
      place: `${walk.place}.${index}`,
    });
  }
}

function checkMap(
  shape: Extract<Shape, { type: "map" }>,
  value: Record<string, unknown>,
  walk: Walk,
): void {
  checkRange(shape, Object.keys(value).length, walk, "length");
  for (const [key, item] of Object.entries(value)) {
    check(shape.key, key, { ...walk, path: `${walk.path}.key` });
    check(shape.value, item, {
      ...walk,
      path: `${walk.path}.${key}.member`,
      place: `${walk.place}.${key}`,
    });
  }
}

function checkStructure(
  shape: Extract<Shape, { type: "structure" }>,
  value: Record<string, unknown>,
  walk: Walk,
): void {
  // A member that is null counts as not sent, as AWS reads it.
  const sent = Object.keys(value).filter(
    (name) => value[name] !== null && value[name] !== undefined,
  );
  if (shape.union === undefined) refuseUnknown(shape, sent, walk);
  else requireOne(shape, shape.union, sent, walk);
  for (const [name, member] of Object.entries(shape.members)) {
    const inner = { ...walk, path: join(walk.path, name), place: join(walk.place, name) };
    if (sent.includes(name)) check(member.shape(), value[name], inner);
    else if (member.required)
      inner.violations.push(
        `Value null at '${inner.path}' failed to satisfy constraint: Member must not be null`,
      );
  }
}

const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

function refuseUnknown(
  shape: Extract<Shape, { type: "structure" }>,
  sent: readonly string[],
  walk: Walk,
): void {
  const unknown = sent.find((name) => !(name in shape.members));
  if (unknown === undefined) return;
  const pointer = walk.place === "" ? "#" : `#/${walk.place.replaceAll(".", "/")}`;
  throw validationError(
    `Malformed input request: ${pointer}: extraneous key [${unknown}] is not permitted, please reformat your input and try again.`,
  );
}

function requireOne(
  shape: Extract<Shape, { type: "structure" }>,
  name: string,
  sent: readonly string[],
  walk: Walk,
): void {
  if (sent.length === 1 && sent[0] !== undefined && sent[0] in shape.members) return;
  const place = walk.place === "" ? "the request" : walk.place;
  throw validationError(
    `The ${name} object at ${place} must set one of the following keys: ${Object.keys(shape.members).join(", ")}.`,
  );
}
