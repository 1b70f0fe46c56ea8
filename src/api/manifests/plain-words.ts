import type { z } from "zod";
import { closestName } from "./closest-name.ts";

type Issue = z.core.$ZodIssue;

/** What one issue of zod's says in plain words: what is wrong, then what to do. */
export function plainWords(issue: Issue, knownFields: readonly string[]): string[] {
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownField(key, knownFields));
    case "invalid_type":
      return [wrongType(issue.expected, issue.input)];
    case "invalid_value":
      return [`${found(issue.input)}: write ${oneOf(issue.values.map(String))}.`];
    case "too_small":
      return [outOfBounds(issue.origin, issue.input, "at least", Number(issue.minimum))];
    case "too_big":
      return [outOfBounds(issue.origin, issue.input, "at most", Number(issue.maximum))];
    case "invalid_format":
      return [`${found(issue.input)}: ${sentenceEnd(issue.message)}`];
    default:
      return [sentenceEnd(issue.message)];
  }
}

function unknownField(key: string, known: readonly string[]): string {
  // YAML 1.1, which Kubernetes' tools read, takes these bare words for other things than text.
  if (["true", "false", "null"].includes(key) && !known.includes(key)) {
    return `YAML takes this key for ${key}, as it does with bare on, off, yes, no, y and n. The fields here are ${known.join(", ")}.`;
  }
  const meant = closestName(key, known);
  const advice =
    meant === undefined ? `The fields here are ${known.join(", ")}` : `Did you mean ${meant}?`;
  return `There is no field ${JSON.stringify(key)} here. ${sentenceEnd(advice)}`;
}

const typeNames: Record<string, string> = {
  string: "a text",
  number: "a whole number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map of fields",
  record: "a map of names and values",
  array: "a list",
};

function wrongType(expected: string, input: unknown): string {
  const wanted = typeNames[expected] ?? expected;
  if (input === undefined) return `This is missing: write ${wanted}.`;
  if (expected === "string" && (typeof input === "number" || typeof input === "boolean")) {
    return `${found(input)}, and YAML does not take it for a text: write it in quotes.`;
  }
  return `${found(input)}: write ${wanted}.`;
}

function outOfBounds(origin: string, input: unknown, bound: string, limit: number): string {
  const size = input as { length?: number };
  if (origin === "string")
    return `The text is ${size.length} characters long: write ${bound} ${limit}.`;
  if (origin === "array")
    return `The list has ${count(size.length ?? 0, "item")}: give it ${bound} ${limit}.`;
  return `${found(input)}: write ${bound} ${limit}.`;
}

const count = (amount: number, noun: string): string =>
  `${amount} ${noun}${amount === 1 ? "" : "s"}`;

function found(input: unknown): string {
  if (input === undefined) return "This is missing";
  if (input === null) return "This is empty";
  if (Array.isArray(input)) return "A list does not fit here";
  if (typeof input === "object") return "A map of fields does not fit here";
  return `${shortened(shown(input))} does not fit here`;
}

function shown(input: unknown): string {
  if (typeof input === "string") return JSON.stringify(input);
  return typeof input === "number" || typeof input === "boolean"
    ? String(input)
    : `A ${typeof input}`;
}

const shortened = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 77)}…`);

const oneOf = (values: readonly string[]): string =>
  values.length === 1 ? String(values[0]) : `one of ${values.join(", ")}`;

const sentenceEnd = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);
