/** What a token says of itself before anything of it is believed. */
export interface TokenClaim {
  issuer: string;
  algorithm: string;
}

/** Longer than identity providers make them, groups and all; parsing stays bounded. */
export const longestToken = 8_192;

const form = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;

/** Whether a credential has the form of a signed token: three parts, of which the first is an object in JSON. */
export function looksLikeToken(value: string): boolean {
  return value.length <= longestToken && form.test(value);
}

/** @returns undefined where the text is no token that anybody could verify */
export function readToken(value: string): TokenClaim | undefined {
  const parts = value.split(".");
  // Of several texts that stand for the same bytes one is the token.
  if (!parts.every(isCanonical)) return undefined;
  const [header = "", payload = ""] = parts;
  const algorithm = memberOf(header, "alg");
  const issuer = memberOf(payload, "iss");
  return algorithm === undefined || issuer === undefined ? undefined : { algorithm, issuer };
}

function isCanonical(part: string): boolean {
  return Buffer.from(part, "base64url").toString("base64url") === part;
}

function memberOf(part: string, name: string): string | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name))
      return undefined;
    const member = (value as Record<string, unknown>)[name];
    return typeof member === "string" ? member : undefined;
  } catch {
    return undefined;
  }
}
