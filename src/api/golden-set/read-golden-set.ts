import { LineCounter, parseDocument, type Document } from "yaml";
import { err, ok, type Result } from "../../lib/index.ts";
import { checkShape } from "../manifests/check-shape.ts";
import type { Source } from "../manifests/manifest.ts";
import type { Problem } from "../manifests/problem.ts";
import { fault, maxAliasCount, sourceOf, yamlProblems } from "../manifests/yaml-source.ts";
import { goldenSet, type GoldenSet } from "./golden-set.ts";

/** What a ConfigMap can hold, and as much again. */
const maxCharacters = 2 * 1024 * 1024;

export interface GoldenSetRead {
  set: GoldenSet;
  source: Source;
}

/**
 * A golden set out of its YAML or JSON, with defaults filled in, or everything that is wrong with its form.
 * Whether its checks can be made is not told here.
 */
export function readGoldenSet(text: string, file: string): Result<GoldenSetRead, Problem[]> {
  if (text.length > maxCharacters)
    return err([fault(file, 1, `The set is larger than ${maxCharacters} characters: split it.`)]);
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "silent",
    });
    if (document.errors.length > 0) return err(yamlProblems(document, { file, lines }));
    return readDocument(document, sourceOf(document, file, lines));
  } catch (error) {
    // Nesting beyond the stack, an anchor within itself and bombs come as exceptions.
    return err([
      fault(file, 1, `The set cannot be read as YAML: ${String(error)}. Write it more plainly.`),
    ]);
  }
}

function readDocument(document: Document.Parsed, source: Source): Result<GoldenSetRead, Problem[]> {
  const value: unknown = document.toJS({ maxAliasCount });
  // Throws where an anchor lies within itself.
  JSON.stringify(value);
  // A schema may say that a value is to be null.
  const read = checkShape(goldenSet, value, { path: [], source, nulls: "keep" });
  return read.ok ? ok({ set: read.value, source }) : read;
}
