import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
  type Tags,
} from "yaml";
import type { Manifest, Source } from "./manifest.ts";
import type { Path, Problem } from "./problem.ts";
import { toManifest } from "./to-manifest.ts";

/** Far beyond any set of resources that people write, and quickly parsed. */
const maxCharacters = 4 * 1024 * 1024;

/** More aliases than this, each counted with what it repeats, is a bomb. */
const maxAliasCount = 100;

/** What kubectl does not know or reads as text. */
const foreignTags = ["binary", "omap", "pairs", "set", "timestamp"];

export interface ManifestsRead {
  manifests: Manifest[];
  /**
   * Of severity Error: something in the text could not be told for what it is, so the set of manifests
   * is not the one that its author meant. What is wrong inside of a manifest, `parseResource` says.
   */
  problems: Problem[];
}

/**
 * The resources of ours in a YAML (or JSON) text of any number of documents, lists unrolled. It reads
 * as kubectl does, which is YAML 1.1: a bare `on`, `yes` or `no` is no text.
 */
export function readManifests(text: string, file: string): ManifestsRead {
  const read: ManifestsRead = { manifests: [], problems: [] };
  if (text.length > maxCharacters) {
    read.problems.push(
      fault(file, 1, `The file is larger than ${maxCharacters} characters: split it.`),
    );
    return read;
  }
  const lines = new LineCounter();
  try {
    for (const document of parseDocuments(text, lines))
      readDocument(document, { file, lines, read });
  } catch (error) {
    // Nesting beyond the stack, and an anchor within itself, come as exceptions.
    read.problems.push(
      fault(file, 1, `The file cannot be read as YAML: ${String(error)}. Write it more plainly.`),
    );
  }
  return read;
}

function parseDocuments(text: string, lineCounter: LineCounter): readonly Document.Parsed[] {
  const customTags = (tags: Tags): Tags =>
    tags.filter(
      (tag) =>
        typeof tag === "string" || !foreignTags.includes(tag.tag.replace("tag:yaml.org,2002:", "")),
    );
  const options = {
    version: "1.1",
    customTags,
    lineCounter,
    prettyErrors: false,
    logLevel: "silent",
  } as const;
  const documents = parseAllDocuments(text, options);
  return "empty" in documents ? [] : documents;
}

interface Reader {
  file: string;
  lines: LineCounter;
  read: ManifestsRead;
}

function readDocument(document: Document.Parsed, { file, lines, read }: Reader): void {
  if (document.errors.length > 0) {
    for (const error of document.errors.slice(0, 10)) {
      read.problems.push(
        fault(file, lines.linePos(error.pos[0]).line, yamlAdvice(error.code, error.message)),
      );
    }
    return;
  }
  const source = sourceOf(document, file, lines);
  const whole: unknown = document.toJS({ maxAliasCount });
  // Throws where an anchor lies within itself: kubectl makes JSON of it too, and no walk would end.
  JSON.stringify(whole);
  for (const { value, path } of unrolled(whole, [])) {
    const { manifest, problem } = toManifest(value, within(source, path));
    if (manifest !== undefined) read.manifests.push(manifest);
    if (problem !== undefined) read.problems.push(problem);
  }
}

const fault = (file: string, line: number, message: string): Problem => ({
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

/** The items of `kind: List` and of lists of our own kinds, at any depth that people write. */
function* unrolled(value: unknown, path: Path): Generator<{ value: unknown; path: Path }> {
  const items = path.length < 8 ? listItems(value) : undefined;
  if (items === undefined) {
    yield { value, path };
    return;
  }
  for (const [index, item] of items.entries()) yield* unrolled(item, [...path, "items", index]);
}

function listItems(value: unknown): readonly unknown[] | undefined {
  const { kind, items } = (value ?? {}) as { kind?: unknown; items?: unknown };
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items)
    ? items
    : undefined;
}

function sourceOf(document: Document.Parsed, file: string, lines: LineCounter): Source {
  const first = document.contents?.range[0] ?? document.range[0];
  const lineOf = (path: Path): number => lines.linePos(positionOf(document, path) ?? first).line;
  return { file, line: lines.linePos(first).line, lineOf };
}

/** The paths of a manifest begin at itself, also where it stands in a list. */
function within(source: Source, path: Path): Source {
  if (path.length === 0) return source;
  return {
    file: source.file,
    line: source.lineOf(path),
    lineOf: (inner) => source.lineOf([...path, ...inner]),
  };
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
