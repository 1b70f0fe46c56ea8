import type { KubeObject } from "../kube/index.ts";
import { fieldIn, itemIn, rootPath, type FieldPath } from "./field-path.ts";
import { fieldManager } from "./group.ts";

/** A set of fields as `metadata.managedFields` writes it: `f:` a field, `k:` an item by its keys, `.` itself. */
interface FieldSet {
  readonly [segment: string]: FieldSet;
}

interface ManagedFields {
  manager?: string;
  operation?: string;
  subresource?: string;
  apiVersion?: string;
  fieldsV1?: FieldSet;
}

/** Undefined where the object is known without them. */
const managedFieldsOf = ({ metadata }: KubeObject): readonly ManagedFields[] | undefined =>
  (metadata as { managedFields?: readonly ManagedFields[] }).managedFields;

/** The fields that our last apply set; undefined where there was none, or under another version. */
function ownedFields(observed: KubeObject): FieldSet | undefined {
  return managedFieldsOf(observed)?.find(
    ({ manager, operation, subresource = "", apiVersion }) =>
      manager === fieldManager &&
      operation === "Apply" &&
      subresource === "" &&
      apiVersion === observed.apiVersion,
  )?.fieldsV1;
}

/** A field that is set because an earlier apply of ours said so, and that is desired no longer. */
export function firstLeftover(desired: KubeObject, observed: KubeObject): string | undefined {
  if (managedFieldsOf(observed) === undefined) return undefined;
  const owned = ownedFields(observed);
  if (owned === undefined) return `${fieldManager} has not applied it yet`;
  return leftoverIn(owned, desired, rootPath);
}

/** Whether we have ever applied it, under whichever version. */
export const isApplied = (observed: KubeObject): boolean =>
  managedFieldsOf(observed)?.some(
    ({ manager, operation }) => manager === fieldManager && operation === "Apply",
  ) === true;

/** Whether our last apply set a field, given by the names that lead to it. */
export function ownsField(observed: KubeObject, ...names: readonly string[]): boolean {
  let owned = ownedFields(observed);
  for (const name of names) owned = owned?.[`f:${name}`];
  return owned !== undefined;
}

function leftoverIn(owned: FieldSet, wanted: unknown, path: FieldPath): string | undefined {
  for (const [segment, below] of Object.entries(owned)) {
    const step = stepInto(segment, wanted, path);
    if (step === undefined) continue;
    if (step.value === undefined) return `${step.path.text} is set and no longer wanted`;
    const leftover = leftoverIn(below, step.value, step.path);
    if (leftover !== undefined) return leftover;
  }
  return undefined;
}

interface Step {
  value: unknown;
  path: FieldPath;
}

/** Undefined where the segment leads nowhere else. */
function stepInto(segment: string, wanted: unknown, path: FieldPath): Step | undefined {
  const name = segment.slice(2);
  if (segment.startsWith("f:")) {
    return { value: membersOf(wanted)[name], path: fieldIn(path, name) };
  }
  if (!segment.startsWith("k:")) return undefined;
  const keys = JSON.parse(name) as Record<string, unknown>;
  const items: readonly unknown[] = Array.isArray(wanted) ? wanted : [];
  const value = items.find((item) =>
    Object.entries(keys).every(([key, wish]) => membersOf(item)[key] === wish),
  );
  return { value, path: itemIn(path, Object.values(keys).join("/")) };
}

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
