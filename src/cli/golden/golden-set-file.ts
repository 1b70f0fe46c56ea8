import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import { problemText } from "../../api/index.ts";
import { compileGoldenSet, type CompiledGoldenSet } from "../../compile/index.ts";
import { UsageError } from "../usage-error.ts";

/** The key of a ConfigMap under which a golden set stands. */
const dataKey = "golden-set.yaml";

/**
 * A golden set out of its own YAML, or out of the manifest of a ConfigMap that holds it.
 *
 * @throws UsageError with every problem of it, by line
 */
export async function loadGoldenSet(file: string): Promise<CompiledGoldenSet> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new UsageError(`--set: ${error instanceof Error ? error.message : String(error)}`);
  });
  const held = heldText(text);
  const place = held === undefined ? file : `${dataKey} in ${file}`;
  const read = compileGoldenSet(held ?? text, place);
  if (read.ok) return read.value;
  const problems = read.error.slice(0, 20).map((problem) => `  ${problemText(problem)}`);
  throw new UsageError(`The golden set cannot be used:\n${problems.join("\n")}`);
}

/** Undefined where the text is no ConfigMap with a golden set. */
function heldText(text: string): string | undefined {
  const document = parseDocument(text, { logLevel: "silent" });
  if (document.errors.length > 0 || document.get("kind") !== "ConfigMap") return undefined;
  const held: unknown = document.getIn(["data", dataKey]);
  return typeof held === "string" ? held : undefined;
}
