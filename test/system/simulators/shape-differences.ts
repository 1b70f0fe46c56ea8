import type { Shape } from "../../../src/simulators/bedrock/shape.ts";
import { shapeOf, type ModelShape, type ServiceModel } from "../../support/service-model-shapes.ts";

/** Where one of the simulator's shapes says something else than botocore's: one line each. */
export function differences(
  shape: Shape,
  wanted: ModelShape,
  model: ServiceModel,
  path = "$",
): string[] {
  const type = wanted.document === true ? "document" : wanted.type;
  if (shape.type !== type) return [`${path}: is ${shape.type}, not ${type}`];
  return [
    ...limitDifferences(shape, wanted, path),
    ...innerDifferences(shape, wanted, model, path),
  ];
}

function limitDifferences(shape: Shape, wanted: ModelShape, path: string): string[] {
  const ours = shape as {
    min?: number;
    max?: number;
    options?: readonly string[];
    patternText?: string;
  };
  const pairs: [what: string, ours: unknown, theirs: unknown][] = [
    // A least length of nought says nothing.
    ["min", ours.min ?? 0, wanted.min ?? 0],
    ["max", ours.max, wanted.max],
    ["enum", ours.options?.join(), wanted.enum?.join()],
    ["pattern", ours.patternText, wanted.pattern],
  ];
  return pairs
    .filter(([, left, right]) => left !== right)
    .map(([what, left, right]) => `${path} ${what}: ${String(left)}, not ${String(right)}`);
}

function innerDifferences(
  shape: Shape,
  wanted: ModelShape,
  model: ServiceModel,
  path: string,
): string[] {
  const of = (member: { shape: string } | undefined): ModelShape =>
    shapeOf(model, member?.shape ?? "");
  if (shape.type === "list")
    return differences(shape.member(), of(wanted.member), model, `${path}[]`);
  if (shape.type === "map") {
    return [
      ...differences(shape.key, of(wanted.key), model, `${path}{key}`),
      ...differences(shape.value, of(wanted.value), model, `${path}{}`),
    ];
  }
  return shape.type === "structure" ? memberDifferences(shape, wanted, model, path) : [];
}

type Structure = Extract<Shape, { type: "structure" }>;

function memberDifferences(
  shape: Structure,
  wanted: ModelShape,
  model: ServiceModel,
  path: string,
): string[] {
  const inBody = Object.entries(wanted.members ?? {}).filter(
    ([, member]) => member.location === undefined,
  );
  const theirs = Object.fromEntries(inBody);
  const found: string[] = [];
  if ((shape.union !== undefined) !== (wanted.union === true))
    found.push(`${path}: differs in being a union`);
  for (const name of Object.keys(shape.members))
    if (!(name in theirs)) found.push(`${path}: has ${name} too many`);
  for (const [name, member] of Object.entries(theirs)) {
    const ours = shape.members[name];
    if (ours === undefined) found.push(`${path}: lacks ${name}`);
    else
      found.push(
        ...differences(ours.shape(), shapeOf(model, member.shape), model, `${path}.${name}`),
      );
    const required = (wanted.required ?? []).includes(name);
    if (ours !== undefined && ours.required !== required)
      found.push(`${path}.${name}: required is ${ours.required}`);
  }
  return found;
}
