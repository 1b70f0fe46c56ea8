import { validationError } from "../aws-error.ts";

/** What a member of a model's own body may be. */
export interface FieldRule {
  type: "string" | "number" | "boolean" | "array";
  required?: boolean;
  options?: readonly (string | number)[];
  /** Of a text or an array. */
  minLength?: number;
  maxLength?: number;
  items?: FieldRule;
}

export type FieldRules = Readonly<Record<string, FieldRule>>;

/** @throws AwsError ValidationException in the words in which Bedrock reports a model's JSON schema */
export function checkFields(body: unknown, rules: FieldRules): void {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw malformed("#: expected type: JSONObject");
  for (const [name, rule] of Object.entries(rules)) {
    if (rule.required === true && !(name in body))
      throw malformed(`#: required key [${name}] not found`);
  }
  for (const [name, value] of Object.entries(body)) {
    const rule = rules[name];
    if (rule === undefined) throw malformed(`#: extraneous key [${name}] is not permitted`);
    checkField(value, rule, `#/${name}`);
  }
}

const malformed = (complaint: string) =>
  validationError(
    `Malformed input request: ${complaint}, please reformat your input and try again.`,
  );

function checkField(value: unknown, rule: FieldRule, place: string): void {
  const type = Array.isArray(value) ? "array" : typeof value;
  if (type !== rule.type) throw malformed(`${place}: expected type: ${rule.type}, found: ${type}`);
  if (rule.options !== undefined && !rule.options.includes(value as string)) {
    throw malformed(`${place}: ${String(value)} is not a valid enum value`);
  }
  if (typeof value === "string") checkLength(value.length, rule, `${place}: expected`, "length");
  if (!Array.isArray(value)) return;
  checkLength(value.length, rule, `${place}: expected`, "items");
  for (const [index, item] of value.entries()) {
    if (rule.items !== undefined) checkField(item, rule.items, `${place}/${index}`);
  }
}

function checkLength(length: number, rule: FieldRule, expected: string, noun: string): void {
  const { minLength = 0, maxLength = Infinity } = rule;
  if (length < minLength)
    throw malformed(`${expected} minimum ${noun}: ${minLength}, found: ${length}`);
  if (length > maxLength)
    throw malformed(`${expected} maximum ${noun}: ${maxLength}, found: ${length}`);
}
