import type * as z from "zod";
import { ApiError } from "./api-error.ts";

type Issue = z.core.$ZodIssue;
type UnionIssue = Extract<Issue, { code: "invalid_union" }>;

/** The first problem of a body, as an error that names the field and what is allowed there. */
export function describeProblem(error: z.ZodError): ApiError {
  const [first] = error.issues;
  if (first === undefined) throw new TypeError("A failed parse has an issue");
  const { issue, path } = innermost(first, []);
  const param = fieldPath(path);
  const code = isUnknownPart(issue, path) ? "unsupported_content" : "invalid_request_error";
  return new ApiError(code, `${param || "The body"} ${sentence(issue)}`, {
    param: param || undefined,
  });
}

/** Of a union's branches the one that got furthest into the value is the one that was meant. */
function innermost(
  issue: Issue,
  above: readonly PropertyKey[],
): { issue: Issue; path: PropertyKey[] } {
  const path = [...above, ...issue.path];
  if (issue.code !== "invalid_union") return { issue, path };
  const firsts = issue.errors.flatMap((branch) => branch.slice(0, 1));
  const [best] = firsts.toSorted((left, right) => reach(right) - reach(left));
  return best === undefined || reach(best) === 0 ? { issue, path } : innermost(best, path);
}

/** How far a branch got: a value of the wrong type at once is 0. */
function reach(issue: Issue): number {
  const wrongType = issue.code === "invalid_type" || issue.code === "invalid_value";
  return issue.path.length * 2 + (wrongType ? 0 : 1);
}

function isUnknownPart(issue: Issue, path: readonly PropertyKey[]): boolean {
  return (
    issue.code === "invalid_union" && issue.discriminator === "type" && path.includes("content")
  );
}

function sentence(issue: Issue): string {
  if (/^(must|is) /.test(issue.message)) return issue.message;
  if (issue.code === "invalid_union") return unionSentence(issue);
  if (issue.input === undefined) return "is required";
  return `must be ${expectation(issue)}`;
}

function unionSentence(issue: UnionIssue): string {
  if (issue.discriminator !== undefined && "options" in issue) {
    return `must be one of ${list(issue.options ?? [])}`;
  }
  if (issue.input === undefined) return "is required";
  const expected = issue.errors.flatMap((branch) => branch.slice(0, 1).map(expectation));
  return `must be ${[...new Set(expected)].join(" or ")}`;
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return withArticle(issue.expected);
    case "invalid_value":
      return issue.values.length === 1 ? list(issue.values) : `one of ${list(issue.values)}`;
    case "too_small":
      return bound("at least", issue.origin, issue.minimum);
    case "too_big":
      return bound("at most", issue.origin, issue.maximum);
    default:
      return "of another form";
  }
}

function bound(side: string, origin: string, limit: number | bigint): string {
  if (origin === "string")
    return limit === 1 ? "a text that is not empty" : `a text of ${side} ${limit} characters`;
  if (origin === "array") return `an array of ${side} ${limit} ${limit === 1 ? "item" : "items"}`;
  return `${side} ${limit}`;
}

function withArticle(expected: string): string {
  switch (expected) {
    case "int":
      return "a whole number";
    case "object":
    case "record":
      return "an object";
    case "array":
      return "an array";
    default:
      return `a ${expected}`;
  }
}

function list(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}

/** `messages[2].content[0].type`, as OpenAI writes `error.param`. */
function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}
