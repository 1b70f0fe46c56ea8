import type { z } from "zod";
import { err, ok, type Result } from "../lib/index.ts";
import { fillAbsent } from "./fill-absent.ts";
import { labelRecordSchema } from "./label-record.ts";
import { type Line, tooLong } from "./read-lines.ts";
import { requestRecordSchema } from "./request-record.ts";
import { safetyRecordSchema } from "./safety-record.ts";

const schemas: readonly z.ZodType[] = [requestRecordSchema, safetyRecordSchema, labelRecordSchema];

/** The record, or a sentence on why the line is none. A log agent may have kept all streams in one file. */
export function parseLine<Kept>(
  content: Line,
  schema: z.ZodType<Kept>,
): Result<Kept, string> | "other stream" {
  if (content === tooLong) return err("The line is longer than a record can be");
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return err("The line is not JSON");
  }
  const parsed = parseAny(value, schema);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  if (isOfStream(value)) return "other stream";
  return err(`The line is no record of its stream: ${issue?.path.join(".")}: ${issue?.message}`);
}

const isOfStream = (value: unknown): boolean =>
  schemas.some((schema) => parseAny(value, schema).success);

/** As it is written today, else as an earlier release wrote it. */
function parseAny<Kept>(value: unknown, schema: z.ZodType<Kept>): z.ZodSafeParseResult<Kept> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed;
  const filled = schema.safeParse(fillAbsent(value, schema));
  // What is wrong with the line itself is what a person can look for in it.
  return filled.success ? filled : parsed;
}
