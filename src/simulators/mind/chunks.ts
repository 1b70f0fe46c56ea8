import type { Random } from "../../lib/index.ts";

import { splitTokens } from "./tokens.ts";

/** A text in pieces of one to four tokens. */
export function* chunks(text: string, random: Random): Generator<{ text: string; tokens: number }> {
  const tokens = splitTokens(text);
  for (let at = 0; at < tokens.length;) {
    const size = Math.min(tokens.length - at, 1 + Math.floor(random() * 4));
    yield { text: tokens.slice(at, at + size).join(""), tokens: size };
    at += size;
  }
}
