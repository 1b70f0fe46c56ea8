import type { z } from "zod";
import { err, ok, type Result } from "../../lib/index.ts";
import { knownFields } from "./known-fields.ts";
import type { Source } from "./manifest.ts";
import { plainWords } from "./plain-words.ts";
import { pathText, type Path, type Problem } from "./problem.ts";

/** Deeper than any field of ours; what lies below is refused anyway. */
const deepest = 32;

interface Place {
  path: Path;
  source: Source | undefined;
  /** Of no resource of a cluster: a null is kept for what it is. */
  nulls?: "keep";
}

/** Parses a value by a schema, with zod's issues in plain words and the places that they stand at. */
export function checkShape<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: Place,
): Result<z.output<Schema>, Problem[]> {
  const whole = place.nulls === "keep" ? value : withoutNulls(value, deepest);
  const parsed = schema.safeParse(whole, { reportInput: true });
  if (parsed.success) return ok(parsed.data);
  const problems = parsed.error.issues.flatMap((issue) => {
    const inside = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
    return plainWords(issue, knownFields(schema, inside)).map((message, index) => {
      const key = issue.code === "unrecognized_keys" ? issue.keys.slice(index, index + 1) : [];
      return problemAt([...place.path, ...inside, ...key], place.source, message);
    });
  });
  return err(problems);
}

export function problemAt(path: Path, source: Source | undefined, message: string): Problem {
  const where = source === undefined ? {} : { file: source.file, line: source.lineOf(path) };
  return { severity: "Error", ...where, path: pathText(path), message };
}

/** Members that are null count as absent, because the API server drops them before it looks. */
function withoutNulls(value: unknown, depth: number): unknown {
  if (value === null || typeof value !== "object" || depth === 0) return value;
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, depth - 1));
  const members = Object.entries(value).filter(
    ([, member]) => member !== null && member !== undefined,
  );
  return Object.fromEntries(members.map(([key, member]) => [key, withoutNulls(member, depth - 1)]));
}
