import { LineCounter, parseAllDocuments, type Document, type Tags } from "yaml";
import { toConfigMap, type ConfigMapManifest } from "./config-map.ts";
import type { Manifest, Source } from "./manifest.ts";
import type { Path, Problem } from "./problem.ts";
import { toManifest } from "./to-manifest.ts";
import { fault, maxAliasCount, sourceOf, yamlProblems } from "./yaml-source.ts";

/** Far beyond any set of resources that people write, and quickly parsed. */
const maxCharacters = 4 * 1024 * 1024;

/** What kubectl does not know or reads as text. */
const foreignTags = ["binary", "omap", "pairs", "set", "timestamp"];

export interface ManifestsRead {
  manifests: Manifest[];
  /** ConfigMaps that are labelled as ours. */
  configMaps: ConfigMapManifest[];
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
  const read: ManifestsRead = { manifests: [], configMaps: [], problems: [] };
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
    read.problems.push(...yamlProblems(document, { file, lines }));
    return;
  }
  const source = sourceOf(document, file, lines);
  const whole: unknown = document.toJS({ maxAliasCount });
  // Throws where an anchor lies within itself: kubectl makes JSON of it too, and no walk would end.
  JSON.stringify(whole);
  for (const { value, path } of unrolled(whole, [])) {
    takeObject(value, within(source, path), read);
  }
}

function takeObject(value: unknown, source: Source, read: ManifestsRead): void {
  const held = toConfigMap(value, source);
  const { manifest, problem } =
    held === undefined ? toManifest(value, source) : { ...held, manifest: undefined };
  if (held?.configMap !== undefined) read.configMaps.push(held.configMap);
  if (manifest !== undefined) read.manifests.push(manifest);
  if (problem !== undefined) read.problems.push(problem);
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

/** The paths of a manifest begin at itself, also where it stands in a list. */
function within(source: Source, path: Path): Source {
  if (path.length === 0) return source;
  return {
    file: source.file,
    line: source.lineOf(path),
    lineOf: (inner) => source.lineOf([...path, ...inner]),
  };
}
