import { crc32 } from "node:zlib";

import type { DecodedFrame } from "./service-model.ts";

/**
 * All frames of a complete `application/vnd.amazon.eventstream` body.
 *
 * @throws Error on a wrong checksum, a length that does not fit, or a header that is no text
 */
export function decodeFrames(body: Buffer): DecodedFrame[] {
  const frames: DecodedFrame[] = [];
  for (let at = 0; at < body.length;) {
    const total = body.length - at >= 16 ? body.readUInt32BE(at) : 0;
    if (total < 16 || at + total > body.length) throw new Error(`A frame at ${at} does not fit`);
    frames.push(decodeFrame(body.subarray(at, at + total)));
    at += total;
  }
  return frames;
}

function decodeFrame(frame: Buffer): DecodedFrame {
  const headerLength = frame.readUInt32BE(4);
  if (crc32(frame.subarray(0, 8)) !== frame.readUInt32BE(8))
    throw new Error("Wrong checksum of the lengths");
  const end = frame.length - 4;
  if (crc32(frame.subarray(0, end)) !== frame.readUInt32BE(end))
    throw new Error("Wrong checksum of the frame");
  return {
    headers: decodeHeaders(frame.subarray(12, 12 + headerLength)),
    payload: frame.subarray(12 + headerLength, end),
  };
}

function decodeHeaders(bytes: Buffer): Record<string, string> {
  const headers: [name: string, value: string][] = [];
  for (let at = 0; at < bytes.length;) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    if (bytes.readUInt8(nameEnd) !== 7) throw new Error("A header is no text");
    const valueEnd = nameEnd + 3 + bytes.readUInt16BE(nameEnd + 1);
    const name = bytes.toString("utf8", at + 1, nameEnd);
    headers.push([name, bytes.toString("utf8", nameEnd + 3, valueEnd)]);
    at = valueEnd;
  }
  return Object.fromEntries(headers);
}
