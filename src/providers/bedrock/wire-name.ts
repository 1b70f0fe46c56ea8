import { createHash } from "node:crypto";

/** The longest name or id of a tool that Bedrock takes. */
const longest = 64;

/** Ten hex digits that tell texts apart. */
export const shortHash = (text: string | Uint8Array): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 10);

/** A tool's name in Bedrock's alphabet; rewritten ones end in a hash, so that they stay apart. */
export const wireName = (name: string): string => fitted(name, /[^a-zA-Z0-9_-]/g);

/** The same for the id of a tool's call, whose alphabet is wider. */
export const wireId = (id: string): string => fitted(id, /[^a-zA-Z0-9_.:-]/g);

function fitted(text: string, foreign: RegExp): string {
  const clean = text.replaceAll(foreign, "_");
  if (clean === text && text.length <= longest && text !== "") return text;
  return `${clean.slice(0, longest - 11)}_${shortHash(text)}`;
}
