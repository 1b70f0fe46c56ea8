import type { JWTPayload } from "jose";
import type { TokenEntry } from "../../table/index.ts";

/** Claims of OAuth that hold several words in one text. */
const wordLists = new Set(["scope", "scp"]);

/**
 * Whether a claim is what a subject wants, or a list that holds it. A claim of just that name comes first, since
 * names such as `https://example.com/roles` have dots of their own; else the name is a path into objects, such
 * as `realm_access.roles`. Only texts count.
 */
export function claimHolds(
  payload: JWTPayload,
  { claim, value }: Pick<TokenEntry, "claim" | "value">,
): boolean {
  const found = Object.hasOwn(payload, claim) ? payload[claim] : alongPath(payload, claim);
  if (typeof found === "string") {
    return found === value || (wordLists.has(claim) && found.split(" ").includes(value));
  }
  return Array.isArray(found) && found.includes(value);
}

export function audienceHolds({ aud }: JWTPayload, audience: string): boolean {
  return aud === audience || (Array.isArray(aud) && aud.includes(audience));
}

function alongPath(payload: JWTPayload, path: string): unknown {
  let at: unknown = payload;
  for (const step of path.split(".")) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return undefined;
    if (!Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}
