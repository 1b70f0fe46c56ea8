import { expect, test } from "vitest";

import type { InputPiece } from "../../../src/simulators/bedrock/converse-prompt.ts";
import { PromptCache } from "../../../src/simulators/bedrock/prompt-cache.ts";

const long = (name: string, tokens = 2000): InputPiece => ({ text: name, tokens });
const point = (ttl?: "5m" | "1h"): InputPiece => ({
  text: "",
  tokens: 0,
  cachePoint: { type: "default", ...(ttl === undefined ? {} : { ttl }) },
});
const nothing = { readTokens: 0, writes: [] };

test("a prefix is written once and read from then on, by the same model alone", () => {
  const cache = new PromptCache();
  const pieces = [long("a"), point(), long("question", 5)];
  expect(cache.use("m", pieces, 0)).toEqual({
    readTokens: 0,
    writes: [{ ttl: "5m", inputTokens: 2000 }],
  });
  expect(cache.use("m", [...pieces.slice(0, 2), long("other", 9)], 1)).toEqual({
    readTokens: 2000,
    writes: [],
  });
  expect(cache.use("n", pieces, 2).writes).toHaveLength(1);
});

test("a longer prefix reads the shorter and writes the rest, each with its own lifetime", () => {
  const cache = new PromptCache();
  cache.use("m", [long("a"), point("1h")], 0);
  expect(cache.use("m", [long("a"), point("1h"), long("b", 300), point()], 1)).toEqual({
    readTokens: 2000,
    writes: [{ ttl: "5m", inputTokens: 300 }],
  });
});

test("a changed or reordered prefix is another one", () => {
  const cache = new PromptCache();
  cache.use("m", [long("a"), long("b"), point()], 0);
  expect(cache.use("m", [long("b"), long("a"), point()], 1).readTokens).toBe(0);
  // Joined differently, the same letters are other pieces.
  expect(cache.use("m", [long("ab", 4000), point()], 1).readTokens).toBe(0);
});

test("prefixes that are short, or have no point, are not cached", () => {
  const cache = new PromptCache();
  expect(cache.use("m", [long("a", 1023), point()], 0)).toEqual(nothing);
  expect(cache.use("m", [long("a")], 0)).toEqual(nothing);
});

test("a prefix is forgotten when its lifetime has passed since its last use", () => {
  const cache = new PromptCache();
  const five = [long("a"), point()];
  const hour = [long("b"), point("1h")];
  cache.use("m", five, 0);
  cache.use("m", hour, 0);
  expect(cache.use("m", five, 299_999).readTokens).toBe(2000);
  expect(cache.use("m", five, 299_999 + 299_999).readTokens).toBe(2000);
  expect(cache.use("m", five, 299_999 * 2 + 300_000).readTokens).toBe(0);
  expect(cache.use("m", hour, 3_599_999).readTokens).toBe(2000);
});
