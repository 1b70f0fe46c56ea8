// The values of a chart with their defaults, and the comments that say what they mean.
import { parseDocument, isMap, isScalar, type Pair, type YAMLMap } from "yaml";

export interface ListedValue {
  /** `operator.networkPolicy.enabled`. */
  path: string;
  /** As JSON. */
  value: string;
  /** The comment above it, on one line. */
  meaning: string;
}

/** Every value that is a scalar, a list, or a map whose members nobody explains. */
export function listValues(text: string): ListedValue[] {
  const { contents } = parseDocument(text);
  if (!isMap(contents)) throw new Error("Values are a map");
  return rowsOf(contents, "");
}

function rowsOf(map: YAMLMap, prefix: string): ListedValue[] {
  return map.items.flatMap((pair, index) => {
    const path = `${prefix}${keyOf(pair)}`;
    // The library hangs the comment above the first member on the map.
    const comment = commentAbove(pair) ?? (index === 0 ? map.commentBefore : undefined);
    const { value } = pair;
    if (isMap(value) && isExplained(value)) return rowsOf(value, `${path}.`);
    const json = JSON.stringify(isMap(value) || hasJson(value) ? value.toJSON() : value);
    return [{ path, value: json, meaning: sentence(comment ?? "") }];
  });
}

const hasJson = (value: unknown): value is { toJSON: () => unknown } =>
  typeof value === "object" && value !== null && "toJSON" in value;

function isExplained(map: YAMLMap): boolean {
  if (typeof map.commentBefore === "string") return true;
  return map.items.some(
    (pair) => commentAbove(pair) !== undefined || (isMap(pair.value) && isExplained(pair.value)),
  );
}

const keyOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : String(key));

const commentAbove = ({ key }: Pair): string | undefined =>
  isScalar(key) && typeof key.commentBefore === "string" ? key.commentBefore : undefined;

const sentence = (comment: string): string =>
  comment
    .split("\n")
    .map((line) => line.trim())
    .join(" ")
    .trim();
