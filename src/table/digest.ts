import { createHash } from "node:crypto";

/** Lower-case hex of the SHA-256 of bytes, or of a text's UTF-8 bytes. */
export function contentDigest(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The first twelve digits of a digest: enough for headers, logs and people. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12);
}
