import { err, ok, type Result } from "../lib/index.ts";
import { schemaTest } from "../openai/index.ts";
import type { Filter, Match } from "./filter.ts";

/**
 * Finds answers that are no JSON, or not of the schema; the whole answer is then the match, and the
 * rule names the keyword that it fails.
 *
 * @param schema JSON Schema 2020-12 as text; `format` says what is meant and is not checked
 * @returns the filter, or what is wrong with the schema
 */
export function jsonSchemaFilter(name: string, schema: string): Result<Filter, string> {
  let parsed: object | boolean;
  try {
    parsed = JSON.parse(schema) as object | boolean;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return err(`The schema cannot be used: ${reason}`);
  }
  const test = schemaTest(parsed);
  if (!test.ok) return test;
  const inspect = (text: string): { filter: string; matches: Match[] } => {
    const broken = test.value(text);
    const matches =
      broken === undefined ? [] : [{ rule: `json-schema/${broken}`, start: 0, end: text.length }];
    return { filter: name, matches };
  };
  return ok({ name, window: undefined, inspect });
}
