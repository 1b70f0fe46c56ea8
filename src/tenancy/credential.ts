import { looksLikeToken, longestToken } from "./tokens/read-token.ts";

/** What a request shows to say who calls. */
export type Credential =
  | { kind: "none" }
  | { kind: "key"; value: string }
  /** It has the form of a signed token; it may be a key all the same. */
  | { kind: "token"; value: string }
  /** Something was shown that cannot be either; `message` says what one looks like. */
  | { kind: "malformed"; message: string };

/** Longer than any key that this or another issuer hands out; hashing stays bounded. */
const longestKey = 512;

const none: Credential = { kind: "none" };

/**
 * Reads `Authorization: Bearer KEY`, as OpenAI's clients send it, or else `api-key: KEY`, as those
 * made for Azure do; a token comes as a bearer alone. No other header and no query counts: what lands in URLs lands in logs.
 * An empty key is none: clients without one send the bare scheme.
 *
 * @param headers as Node gives them: lower-case names
 */
export function readCredential(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Credential {
  const { authorization, "api-key": apiKey } = headers;
  const bearer =
    authorization === undefined || authorization === "" ? none : readBearer(authorization);
  if (bearer.kind !== "none" || apiKey === undefined || apiKey === "") return bearer;
  return readKey(apiKey, "api-key");
}

function readBearer(header: string | readonly string[]): Credential {
  if (typeof header !== "string")
    return malformed("The Authorization header was sent more than once.");
  const scheme = header.slice(0, 6);
  const rest = header.slice(6);
  const separated = rest === "" || rest.startsWith(" ") || rest.startsWith("\t");
  if (scheme.toLowerCase() !== "bearer" || !separated) {
    return malformed(
      'The Authorization header must read "Bearer", a space and the API key or token.',
    );
  }
  const value = rest.trim();
  if (looksLikeToken(value)) return { kind: "token", value };
  return value === "" ? none : readKey(value, "Authorization");
}

/** Visible ASCII; a space inside is two things, not a key. */
const visible = /^[\x21-\x7e]+$/;

function readKey(value: string | readonly string[], header: string): Credential {
  if (typeof value === "string" && value.length <= longestKey && visible.test(value)) {
    return { kind: "key", value };
  }
  return malformed(
    `The API key in the ${header} header must be one word of visible ASCII, at most ${longestKey} characters long; a token, at most ${longestToken}.`,
  );
}

function malformed(message: string): Credential {
  return { kind: "malformed", message };
}
