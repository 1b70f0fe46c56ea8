import type { KubeObject } from "../kube/index.ts";
import { fieldIn, itemIn, rootPath, type FieldPath } from "./field-path.ts";
import { isAtomicObject, keysOfList, leafType } from "./field-rules.ts";
import { firstLeftover } from "./owned-fields.ts";
import { quantityNanos } from "./quantity.ts";

/**
 * Where the observed object is not as desired, in words for a log line; undefined where applying it
 * would change nothing.
 *
 * Compared are the fields that are desired, and those that an earlier apply of ours set and this one
 * would not: they are known from `metadata.managedFields`, and not looked for where the observed
 * object comes without. Defaults of the API server and fields of other managers do not count. An empty
 * list, object or text is as good as none; quantities are compared by their size.
 */
export function firstDifference(desired: KubeObject, observed: KubeObject): string | undefined {
  return differenceOf(desired, observed, rootPath) ?? firstLeftover(desired, observed);
}

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function differenceOf(wanted: unknown, found: unknown, path: FieldPath): string | undefined {
  if (isEmpty(wanted) && isEmpty(found)) return undefined;
  if (Array.isArray(wanted)) return differenceOfLists(wanted, found, path);
  if (isMembers(wanted)) return differenceOfObjects(wanted, found, path);
  return areEqualLeaves(wanted, found, path) ? undefined : told(wanted, found, path);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isMembers(value) && Object.values(value).every((member) => member === undefined);
}

function differenceOfObjects(wanted: Members, found: unknown, path: FieldPath): string | undefined {
  if (!isMembers(found)) return told(wanted, found, path);
  if (isAtomicObject(path.fields.at(-1))) return differenceOfAtoms(wanted, found, path);
  for (const [name, value] of Object.entries(wanted)) {
    if (value === undefined) continue;
    const difference = differenceOf(value, found[name], fieldIn(path, name));
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function differenceOfLists(
  wanted: readonly unknown[],
  found: unknown,
  path: FieldPath,
): string | undefined {
  if (!Array.isArray(found)) return told(wanted, found, path);
  const keys = keysOfList(path.fields.at(-1));
  if (keys === undefined) return differenceOfAtoms(wanted, found, path);
  for (const item of wanted) {
    const name = nameOfItem(item, keys);
    const partner: unknown = found.find((other) => nameOfItem(other, keys) === name);
    const difference = differenceOf(item, partner, itemIn(path, name));
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** What a manager owns as a whole: members and items that are not desired count, too. */
function differenceOfAtoms(wanted: unknown, found: unknown, path: FieldPath): string | undefined {
  if (isEmpty(wanted) && isEmpty(found)) return undefined;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found) || found.length !== wanted.length) return told(wanted, found, path);
    return firstOf(wanted.keys(), (index) =>
      differenceOfAtoms(wanted[index], found[index], itemIn(path, index)),
    );
  }
  if (isMembers(wanted)) {
    if (!isMembers(found)) return told(wanted, found, path);
    return firstOf(new Set([...Object.keys(wanted), ...Object.keys(found)]), (name) =>
      differenceOfAtoms(wanted[name], found[name], fieldIn(path, name)),
    );
  }
  return areEqualLeaves(wanted, found, path) ? undefined : told(wanted, found, path);
}

function firstOf<Item>(
  items: Iterable<Item>,
  look: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const seen = look(item);
    if (seen !== undefined) return seen;
  }
  return undefined;
}

function nameOfItem(item: unknown, keys: readonly string[]): string {
  if (!isMembers(item)) return "";
  return keys.flatMap((key) => textOf(item[key]) ?? []).join("/");
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value) : undefined;

function areEqualLeaves(wanted: unknown, found: unknown, { fields }: FieldPath): boolean {
  if (wanted === found) return true;
  const [left, right] = [textOf(wanted), textOf(found)];
  if (left === undefined || right === undefined) return false;
  const type = leafType(fields);
  if (type === "IntOrString") return left === right;
  const size = quantityNanos(left);
  return type === "Quantity" && size !== undefined && size === quantityNanos(right);
}

const longestValue = 80;

/** Values of variables are not told: somebody may have put a secret into one. */
function told(wanted: unknown, found: unknown, path: FieldPath): string {
  if (path.fields.includes("env")) return `${path.text} is not as wanted`;
  return `${path.text} is ${shown(found)}, wanted is ${shown(wanted)}`;
}

function shown(value: unknown): string {
  const text = value === undefined ? "absent" : JSON.stringify(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
