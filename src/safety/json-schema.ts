import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { RE2JS } from "re2js";
import { err, ok, type Result } from "../lib/index.ts";
import type { Filter, Match } from "./filter.ts";

/** The schema's own patterns run in linear time as well. */
const linear = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(pattern);
    // Compiled schemas tell their patterns apart by the text that these give of themselves.
    return { test: (text: string) => compiled.matcher(text).find(), toString: () => pattern };
  },
  { code: "linear" },
);

/**
 * Finds answers that are no JSON, or not of the schema; the whole answer is then the match, and the
 * rule names the keyword that it fails.
 *
 * @param schema JSON Schema 2020-12 as text; `format` says what is meant and is not checked
 * @returns the filter, or what is wrong with the schema
 */
export function jsonSchemaFilter(name: string, schema: string): Result<Filter, string> {
  let validate: ValidateFunction;
  try {
    const ajv = new Ajv2020({
      strict: false,
      validateFormats: false,
      logger: false,
      code: { regExp: linear },
    });
    validate = ajv.compile(JSON.parse(schema));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return err(`The schema cannot be used: ${reason}`);
  }
  const inspect = (text: string): { filter: string; matches: Match[] } => {
    const broken = brokenRule(validate, text);
    const matches =
      broken === undefined ? [] : [{ rule: `json-schema/${broken}`, start: 0, end: text.length }];
    return { filter: name, matches };
  };
  return ok({ name, window: undefined, inspect });
}

function brokenRule(validate: ValidateFunction, text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "not-json";
  }
  return validate(value) ? undefined : (validate.errors?.[0]?.keyword ?? "invalid");
}
