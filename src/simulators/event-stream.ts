import { crc32 } from "node:zlib";

const stringHeader = 7;

/**
 * One frame of `application/vnd.amazon.eventstream`:
 * total length, header length, CRC of both, headers, payload, CRC of all before.
 */
export function encodeFrame(
  headers: Readonly<Record<string, string>>,
  payload: Uint8Array,
): Buffer {
  const headerBytes = Buffer.concat(
    Object.entries(headers).map(([name, value]) => encodeHeader(name, value)),
  );
  const frame = Buffer.alloc(16 + headerBytes.length + payload.length);
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt32BE(headerBytes.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  frame.set(headerBytes, 12);
  frame.set(payload, 12 + headerBytes.length);
  frame.writeUInt32BE(crc32(frame.subarray(0, frame.length - 4)), frame.length - 4);
  return frame;
}

function encodeHeader(name: string, value: string): Buffer {
  const nameBytes = Buffer.from(name);
  const valueBytes = Buffer.from(value);
  const prefix = Buffer.from([nameBytes.length]);
  const middle = Buffer.from([stringHeader, valueBytes.length >> 8, valueBytes.length & 0xff]);
  return Buffer.concat([prefix, nameBytes, middle, valueBytes]);
}

/** An event with a JSON payload, as Bedrock sends it. */
export function eventFrame(type: string, payload: unknown): Buffer {
  return encodeFrame(
    { ":event-type": type, ":content-type": "application/json", ":message-type": "event" },
    Buffer.from(JSON.stringify(payload)),
  );
}

/** An event whose payload is bytes, as SageMaker sends its PayloadPart. */
export function bytesFrame(type: string, payload: Uint8Array): Buffer {
  return encodeFrame(
    { ":event-type": type, ":content-type": "application/octet-stream", ":message-type": "event" },
    payload,
  );
}

/** A modelled exception inside the stream. */
export function exceptionFrame(type: string, payload: unknown): Buffer {
  return encodeFrame(
    { ":exception-type": type, ":content-type": "application/json", ":message-type": "exception" },
    Buffer.from(JSON.stringify(payload)),
  );
}

/** An unmodelled error inside the stream: no payload, all in the headers. */
export function errorFrame(code: string, message: string): Buffer {
  return encodeFrame(
    { ":error-code": code, ":error-message": message, ":message-type": "error" },
    Buffer.alloc(0),
  );
}

/** The same frame with a checksum that does not match. */
export function spoilChecksum(frame: Buffer): Buffer {
  const spoilt = Buffer.from(frame);
  spoilt.writeUInt32BE((frame.readUInt32BE(frame.length - 4) ^ 0x5a5a5a5a) >>> 0, frame.length - 4);
  return spoilt;
}
