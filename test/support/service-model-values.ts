import { shapeOf, type ModelShape, type ServiceModel } from "./service-model-shapes.ts";

type Check = (model: ServiceModel, shape: ModelShape, value: never, path: string) => string[];

/** What is wrong with a JSON value of a shape: types, members, unions, enums, lengths, ranges and patterns. */
export function checkValue(
  model: ServiceModel,
  shape: ModelShape,
  value: unknown,
  path: string,
): string[] {
  if (shape.document === true) return [];
  const known = kinds[shape.type];
  if (known === undefined) return [`${path}: the checker does not know the type ${shape.type}`];
  if (!known.is(value))
    return [`${path}: ${JSON.stringify(value)?.slice(0, 60)} is no ${shape.type}`];
  return known.check(model, shape, value as never, path);
}

const isRecord = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): boolean => typeof value === "number";

const checkNumber: Check = (_model, shape, value: number, path) =>
  inRange(shape, value, `${path} (value)`);

const kinds: Record<string, { is: (value: unknown) => boolean; check: Check }> = {
  structure: { is: isRecord, check: checkStructure },
  list: { is: Array.isArray, check: checkList },
  map: { is: isRecord, check: checkMap },
  string: { is: (value) => typeof value === "string", check: checkText },
  blob: { is: (value) => typeof value === "string", check: checkBlob },
  boolean: { is: (value) => typeof value === "boolean", check: () => [] },
  integer: { is: Number.isInteger, check: checkNumber },
  long: { is: Number.isInteger, check: checkNumber },
  float: { is: isNumber, check: checkNumber },
  double: { is: isNumber, check: checkNumber },
};

function inRange(shape: ModelShape, size: number, what: string): string[] {
  const complaints: string[] = [];
  if (size < (shape.min ?? -Infinity))
    complaints.push(`${what}: ${size} is less than ${shape.min}`);
  if (size > (shape.max ?? Infinity)) complaints.push(`${what}: ${size} is more than ${shape.max}`);
  return complaints;
}

function checkStructure(
  model: ServiceModel,
  shape: ModelShape,
  value: Record<string, unknown>,
  path: string,
): string[] {
  const members = shape.members ?? {};
  const sent = Object.keys(value).filter((name) => value[name] !== undefined);
  const complaints = sent
    .filter((name) => !(name in members))
    .map((name) => `${path}: "${name}" is no member`);
  const missing = (shape.required ?? []).filter((name) => !sent.includes(name));
  complaints.push(...missing.map((name) => `${path}: "${name}" is missing`));
  if (shape.union === true && sent.length !== 1)
    complaints.push(`${path}: a union with ${sent.length} members`);
  for (const name of sent) {
    const member = members[name];
    if (member !== undefined)
      complaints.push(
        ...checkValue(model, shapeOf(model, member.shape), value[name], `${path}.${name}`),
      );
  }
  return complaints;
}

function checkList(
  model: ServiceModel,
  shape: ModelShape,
  value: readonly unknown[],
  path: string,
): string[] {
  const member = shapeOf(model, shape.member?.shape ?? "");
  const inner = value.flatMap((item, index) =>
    checkValue(model, member, item, `${path}[${index}]`),
  );
  return [...inRange(shape, value.length, `${path} (length)`), ...inner];
}

function checkMap(
  model: ServiceModel,
  shape: ModelShape,
  value: Record<string, unknown>,
  path: string,
): string[] {
  const [keyShape, valueShape] = [
    shapeOf(model, shape.key?.shape ?? ""),
    shapeOf(model, shape.value?.shape ?? ""),
  ];
  const inner = Object.entries(value).flatMap(([key, item]) => [
    ...checkValue(model, keyShape, key, `${path} (key)`),
    ...checkValue(model, valueShape, item, `${path}.${key}`),
  ]);
  return [...inRange(shape, Object.keys(value).length, `${path} (size)`), ...inner];
}

function checkText(_model: ServiceModel, shape: ModelShape, value: string, path: string): string[] {
  const complaints = inRange(shape, value.length, `${path} (length)`);
  if (shape.enum !== undefined && !shape.enum.includes(value))
    complaints.push(`${path}: "${value}" is not one of ${shape.enum.join(", ")}`);
  if (shape.pattern !== undefined && !patternOf(shape.pattern).test(value))
    complaints.push(`${path}: "${value.slice(0, 60)}" does not match ${shape.pattern}`);
  return complaints;
}

// The models write patterns as Java does.
const patternOf = (pattern: string): RegExp =>
  new RegExp(
    `^(?:${pattern.replaceAll("\\p{ASCII}", "[\\x00-\\x7f]").replaceAll("\\p{Print}", "\\x20-\\x7e").replaceAll("\\A", "^").replaceAll("\\z", "$")})$`,
  );

function checkBlob(_model: ServiceModel, shape: ModelShape, value: string, path: string): string[] {
  const bytes = Buffer.from(value, "base64");
  const canonical = bytes.toString("base64") === value;
  return [
    ...(canonical ? [] : [`${path}: no base64`]),
    ...inRange(shape, bytes.length, `${path} (bytes)`),
  ];
}
