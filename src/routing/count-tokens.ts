import type { ContentPart } from "../openai/index.ts";

/** Prose has about four characters to a token in the tokenizers of today's models. */
export const charactersPerToken = 4;

/** Schemas and arguments are denser: punctuation stands alone. */
const jsonCharactersPerToken = 3;

/**
 * A byte of UTF-8 beyond one per character. It brings CJK (three bytes a character) to a token a
 * character, and leaves accented Latin almost as it was.
 */
const tokensPerExtraByte = 0.375;

/** What a vision model takes for a picture of a megapixel; its size is not decoded for an estimate. */
const tokensPerImage = 1_500;

/** Role and separators. */
export const tokensPerMessage = 4;

/**
 * An estimate from lengths alone, native and quick: no tokenizer runs on the request path. It errs
 * on the low side for code, so that a request is rather sent and refused upstream, where the chain
 * can move on, than refused here although it fits.
 */
export function textTokens(text: string): number {
  const extraBytes = Buffer.byteLength(text) - text.length;
  return Math.ceil(text.length / charactersPerToken + extraBytes * tokensPerExtraByte);
}

export function jsonTokens(value: unknown): number {
  return tokensOfJson(jsonCharacters(value));
}

/** @param characters of JSON */
export function tokensOfJson(characters: number): number {
  return Math.ceil(characters / jsonCharactersPerToken);
}

/** Schemas nested deeper add nothing to an estimate, and recursion stays bounded. */
const deepest = 24;

/** About the length of the value's JSON, without writing it. */
export function jsonCharacters(value: unknown, depth = 0): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null || depth > deepest) return 4;
  let characters = 2;
  if (Array.isArray(value)) {
    for (const item of value) characters += jsonCharacters(item, depth + 1) + 1;
    return characters;
  }
  for (const key of Object.keys(value)) {
    const member: unknown = value[key as keyof typeof value];
    characters += key.length + 4 + jsonCharacters(member, depth + 1);
  }
  return characters;
}

export function partTokens(part: ContentPart): number {
  if (part.type === "text") return textTokens(part.text);
  return part.type === "image_url" ? tokensPerImage : fileTokens(part.file.file_data);
}

/**
 * Base64 holds three bytes in four characters. Text is counted as such; of other documents only the
 * size is known, and most of that is fonts and pictures: bounded, so that no large scan is refused
 * for tokens it does not have.
 */
function fileTokens(data: string): number {
  const bytes = data.length * 0.75;
  if (data.startsWith("data:text/")) return Math.ceil(bytes / charactersPerToken);
  return Math.ceil(Math.min(20_000, Math.max(500, bytes / 40)));
}
