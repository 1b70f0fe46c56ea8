import { createHash } from "node:crypto";

/** A request as it came over the wire: the path and query still encoded, header names in lower case. */
export interface SignedRequest {
  method: string;
  path: string;
  query: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Uint8Array;
}

/** The text of a request that is hashed and signed. */
export function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const headers = signedHeaders
    .map((name) => `${name}:${canonicalValue(request.headers[name])}\n`)
    .join("");
  return [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    headers,
    signedHeaders.join(";"),
    createHash("sha256").update(request.body).digest("hex"),
  ].join("\n");
}

// The path came encoded once; encoding its segments again gives what AWS signs for all but S3.
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/").slice(1)) {
    if (segment === "..") segments.pop();
    else if (segment !== "." && segment !== "") segments.push(strictEncode(segment));
  }
  const tail = segments.length > 0 && /\/\.{0,2}$/.test(path) ? "/" : "";
  return `/${segments.join("/")}${tail}`;
}

function canonicalQuery(query: string): string {
  if (query === "") return "";
  const pairs = query
    .split("&")
    .map((part) => splitOnce(part, "=").map((text) => strictEncode(decode(text))));
  return pairs
    .map(([name, value]) => `${name}=${value}`)
    .toSorted((left, right) => (left < right ? -1 : 1))
    .join("&");
}

const strictEncode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** A header as it is signed: trimmed, runs of white space made one, several joined by commas. */
export function canonicalValue(value: string | string[] | undefined): string {
  const values = value === undefined ? [] : [value].flat();
  return values.map((each) => each.trim().replace(/\s+/g, " ")).join(",");
}
