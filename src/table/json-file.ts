import type { z } from "zod";
import { err, ok, type Result } from "../lib/index.ts";

/**
 * A file of ours that tells its version.
 *
 * @returns what is in it, or what is wrong with it as the rest of a sentence
 */
export function readJsonFile<Schema extends z.ZodType>(
  shape: Schema,
  text: string,
): Result<z.output<Schema>, string> {
  const value = parseJson(text);
  if (!value.ok) return err(`it is not JSON: ${value.error}`);
  // Of another version's shape nothing else is known.
  const { version: given } = (value.value ?? {}) as { version?: unknown };
  if (given !== 1) {
    return err(`it has version ${JSON.stringify(given) ?? "none"}, and this release reads 1`);
  }
  const parsed = shape.safeParse(value.value);
  if (parsed.success) return ok(parsed.data);
  return err(firstProblemOf(parsed.error));
}

function firstProblemOf({ issues: [issue] }: z.ZodError): string {
  const place = (issue?.path ?? []).map(String).join(".");
  return `${place === "" ? "" : `${place}: `}${issue?.message ?? "it is not of its shape"}`;
}

function parseJson(text: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return err(message.replace(/\s+/g, " "));
  }
}
