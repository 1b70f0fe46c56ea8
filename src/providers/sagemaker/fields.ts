import { ProviderError } from "../provider-error.ts";

/** What a container's JSON holds: nothing of it is taken on trust. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The members of an object; none where the value is something else. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The text, or "" for anything else. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

export const malformed = (cause?: unknown): ProviderError =>
  new ProviderError("malformed_reply", "The model's container gave an answer that cannot be read", {
    cause,
  });

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed(error);
  }
}
