import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Document,
  type LineCounter,
  type Node,
} from "yaml";
import type { Source } from "./manifest.ts";
import type { Path, Problem } from "./problem.ts";

/** More aliases than this, each counted with what it repeats, is a bomb. */
export const maxAliasCount = 100;

/** What YAML itself finds wrong with a document, the first ten faults. */
export function yamlProblems(
  document: Document.Parsed,
  { file, lines }: { file: string; lines: LineCounter },
): Problem[] {
  return document.errors
    .slice(0, 10)
    .map((error) =>
      fault(file, lines.linePos(error.pos[0]).line, yamlAdvice(error.code, error.message)),
    );
}

export const fault = (file: string, line: number, message: string): Problem => ({
  severity: "Error",
  file,
  line,
  path: "",
  message,
});

function yamlAdvice(code: string, message: string): string {
  if (code === "DUPLICATE_KEY") return "The field stands twice in its map: keep one of them.";
  if (code === "TAB_AS_INDENT") return "YAML takes no tabs for indentation: write spaces.";
  return `This is not YAML: ${message.replace(/\.$/, "")}. Correct it, and check the indentation.`;
}

/** The lines of a document's fields. */
export function sourceOf(document: Document.Parsed, file: string, lines: LineCounter): Source {
  const first = document.contents?.range[0] ?? document.range[0];
  const lineOf = (path: Path): number => lines.linePos(positionOf(document, path) ?? first).line;
  return { file, line: lines.linePos(first).line, lineOf };
}

/** Where the key or item at the path begins, or the deepest one above it that is there. */
function positionOf(document: Document.Parsed, path: Path): number | undefined {
  let node: unknown = document.contents;
  let position: number | undefined;
  for (const step of path) {
    const child = childAt(resolved(document, node), step);
    if (child === undefined) break;
    position = rangeStart(child.place) ?? position;
    node = child.node;
  }
  return position;
}

const resolved = (document: Document.Parsed, node: unknown): unknown =>
  isAlias(node) ? node.resolve(document) : node;

function childAt(
  parent: unknown,
  step: string | number,
): { place: unknown; node: unknown } | undefined {
  if (isSeq(parent)) {
    const item = parent.items[Number(step)];
    return item === undefined ? undefined : { place: item, node: item };
  }
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find(
    ({ key }) => String(isScalar(key) ? key.value : key) === String(step),
  );
  return pair === undefined ? undefined : { place: pair.key, node: pair.value };
}

const rangeStart = (place: unknown): number | undefined =>
  isNode(place) ? (place as Node).range?.[0] : undefined;
