import { createHash } from "node:crypto";

import type { InputPiece } from "./converse-prompt.ts";

export interface CacheUse {
  readTokens: number;
  writes: { ttl: "5m" | "1h"; inputTokens: number }[];
}

// Shorter prefixes are not cached, as with the models of AWS.
const leastTokens = 1024;
const mostPrefixes = 20_000;
const lifetimeMs = { "5m": 300_000, "1h": 3_600_000 };

interface Prefix {
  key: string;
  tokens: number;
  ttl: "5m" | "1h";
}

/** Remembers which prefixes were sent before a cache point, for five minutes or an hour after their last use. */
export class PromptCache {
  readonly #expiries = new Map<string, number>();

  /** What this input reads from the cache and what it writes; `now` in milliseconds since the epoch. */
  use(modelId: string, pieces: readonly InputPiece[], now: number): CacheUse {
    const prefixes = prefixesOf(modelId, pieces);
    const known = prefixes.filter((prefix) => (this.#expiries.get(prefix.key) ?? 0) > now);
    const readTokens = known.at(-1)?.tokens ?? 0;
    const writes: CacheUse["writes"] = [];
    let written = readTokens;
    for (const prefix of prefixes) {
      this.#remember(prefix, now);
      if (prefix.tokens <= written) continue;
      writes.push({ ttl: prefix.ttl, inputTokens: prefix.tokens - written });
      written = prefix.tokens;
    }
    return { readTokens, writes };
  }

  #remember(prefix: Prefix, now: number): void {
    this.#expiries.delete(prefix.key);
    this.#expiries.set(prefix.key, now + lifetimeMs[prefix.ttl]);
    const [oldest] = this.#expiries.keys();
    if (this.#expiries.size > mostPrefixes && oldest !== undefined) this.#expiries.delete(oldest);
  }
}

function prefixesOf(modelId: string, pieces: readonly InputPiece[]): Prefix[] {
  const hash = createHash("sha256").update(modelId);
  const prefixes: Prefix[] = [];
  let tokens = 0;
  for (const piece of pieces) {
    tokens += piece.tokens;
    hash.update(`\u0000${piece.text}`);
    if (piece.cachePoint === undefined || tokens < leastTokens) continue;
    prefixes.push({ key: hash.copy().digest("base64"), tokens, ttl: piece.cachePoint.ttl ?? "5m" });
  }
  return prefixes;
}
