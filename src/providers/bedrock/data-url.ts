import { invalidField } from "../invalid-field.ts";

export interface InlineData {
  /** In lower case and without parameters; empty where the URL names none. */
  mediaType: string;
  bytes: Uint8Array;
}

/** The parts before a data URL's comma, by RFC 2397. */
const head = /^data:([^,;]{0,127})((?:;[^,;]{1,127}){0,8}),/i;

/** @param at names the part in messages for the client, such as `messages[2].content[0]` */
export function readDataUrl(url: string, at: string): InlineData {
  const match = head.exec(url.slice(0, 1500));
  if (match === null) throw invalidField(at, "is not a data URL");
  const [whole, mediaType = "", parameters = ""] = match;
  if (!/;base64$/i.test(parameters)) throw invalidField(at, "must be a data URL in base64");
  return {
    mediaType: mediaType.trim().toLowerCase(),
    bytes: readBase64(url.slice(whole.length), at),
  };
}

export function readBase64(text: string, at: string): Uint8Array {
  const dense = text.replaceAll(/\s+/g, "");
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(dense)) throw invalidField(at, "holds no base64 data");
  const bytes = Buffer.from(dense, "base64");
  if (bytes.byteLength === 0) throw invalidField(at, "is empty");
  return bytes;
}
