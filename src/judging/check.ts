import { RE2JS } from "re2js";
import { err, ok, type Result } from "../lib/index.ts";
import { schemaTest } from "../openai/index.ts";
import { lastNumber } from "./last-number.ts";
import { normalized } from "./normalized.ts";

/** What tells a right answer from a wrong one; one member. Names are those of a golden set's YAML. */
export type Check =
  | { exact: { answers: readonly string[]; caseSensitive: boolean } }
  | { regex: { pattern: string; ignoreCase: boolean } }
  | { jsonSchema: { schema: Readonly<Record<string, unknown>> } }
  | { numeric: { value: number; tolerance: number } };

/** As labels name it. */
export type CheckType = "exact" | "regex" | "json_schema" | "numeric";

/** Whether an answer, as `answerText` gives it, is right. Takes time in proportion to its length. */
export interface CheckedAnswer {
  type: CheckType;
  holds(answer: string): boolean;
}

/** @returns the check, ready to be made, or what is wrong with it */
export function compileCheck(check: Check): Result<CheckedAnswer, string> {
  if ("exact" in check) return ok({ type: "exact", holds: isOneOf(check.exact) });
  if ("numeric" in check) return ok({ type: "numeric", holds: isNumber(check.numeric) });
  if ("jsonSchema" in check) {
    const test = schemaTest(check.jsonSchema.schema);
    if (!test.ok) return test;
    return ok({ type: "json_schema", holds: (answer) => test.value(answer) === undefined });
  }
  return compileRegex(check.regex);
}

function isOneOf({
  answers,
  caseSensitive,
}: {
  answers: readonly string[];
  caseSensitive: boolean;
}) {
  const right = new Set(answers.map((each) => normalized(each, caseSensitive)));
  return (answer: string) => right.has(normalized(answer, caseSensitive));
}

function isNumber({ value, tolerance }: { value: number; tolerance: number }) {
  return (answer: string) => {
    const said = lastNumber(answer);
    // What binary fractions add is nobody's mistake.
    const slack = Math.abs(value) * 4 * Number.EPSILON;
    return said !== undefined && Math.abs(said - value) <= tolerance + slack;
  };
}

function compileRegex({
  pattern,
  ignoreCase,
}: {
  pattern: string;
  ignoreCase: boolean;
}): Result<CheckedAnswer, string> {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return err(`The pattern is not in RE2's syntax: ${reason}`);
  }
  return ok({ type: "regex", holds: (answer) => compiled.matcher(answer).find() });
}
