import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { RE2JS } from "re2js";
import { err, ok, type Result } from "../lib/index.ts";

/** The schema's own patterns run in linear time as well. */
const linear = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(pattern);
    // Compiled schemas tell their patterns apart by the text that these give of themselves.
    return { test: (text: string) => compiled.matcher(text).find(), toString: () => pattern };
  },
  { code: "linear" },
);

/** The keyword of the schema that a text fails, `not-json` where it is none; undefined where it conforms. */
export type SchemaTest = (text: string) => string | undefined;

/**
 * Tells whether answers conform to a schema.
 *
 * @param schema JSON Schema 2020-12; `format` says what is meant and is not checked
 * @returns the test, or what is wrong with the schema
 */
export function schemaTest(schema: object | boolean): Result<SchemaTest, string> {
  let validate: ValidateFunction;
  try {
    const ajv = new Ajv2020({
      strict: false,
      validateFormats: false,
      logger: false,
      code: { regExp: linear },
    });
    validate = ajv.compile(schema);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return err(`The schema cannot be used: ${reason}`);
  }
  return ok((text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return "not-json";
    }
    return validate(value) ? undefined : (validate.errors?.[0]?.keyword ?? "invalid");
  });
}
