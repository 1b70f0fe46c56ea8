import { isMap, isNode, parseDocument } from "yaml";
import { err, type Result } from "../../lib/index.ts";
import { keyedList } from "../kinds/lists.ts";
import { safetyFilter, type SafetyFilter } from "../kinds/safety-filter.ts";
import { checkShape } from "./check-shape.ts";
import type { Problem } from "./problem.ts";

const filters = keyedList(safetyFilter, { key: "name", min: 1, max: 32 });

/**
 * Filters out of YAML that holds the list alone, as it stands under `spec.safety`, or the resource with it.
 *
 * @returns the filters with their defaults filled in, or everything that is wrong with them
 */
export function readFilters(text: string, file: string): Result<SafetyFilter[], Problem[]> {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined)
    return err([
      { severity: "Error", file, path: "", message: `This is no YAML: ${broken.message}` },
    ]);
  const path = isMap(document.contents) ? ["spec", "safety"] : [];
  const content: unknown = document.getIn(path);
  const value: unknown = isNode(content) ? content.toJS(document) : content;
  const read = checkShape(filters, value, { path, source: undefined });
  return read.ok ? read : err(read.error.map((problem) => ({ ...problem, file })));
}
