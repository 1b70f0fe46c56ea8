import { crc32 } from "node:zlib";

import fc from "fast-check";
import { expect, test } from "vitest";

import {
  encodeFrame,
  errorFrame,
  eventFrame,
  spoilChecksum,
} from "../../../src/simulators/event-stream.ts";
import { decodeFrames } from "../../support/frame-decoder.ts";

test("the empty message has the bytes that AWS's event-stream test suite gives", () => {
  expect(encodeFrame({}, Buffer.alloc(0)).toString("hex")).toBe("000000100000000005c248eb7d98c8ff");
});

test("a frame is laid out as described: lengths, their checksum, headers, payload, checksum", () => {
  const frame = encodeFrame({ ":a": "é" }, Buffer.from("hi"));
  // One byte of name length, the name, type 7, two bytes of value length, the value.
  const headers = Buffer.from([2, 0x3a, 0x61, 7, 0, 2, 0xc3, 0xa9]);
  expect(frame.readUInt32BE(0)).toBe(16 + headers.length + 2);
  expect(frame.readUInt32BE(4)).toBe(headers.length);
  expect(frame.readUInt32BE(8)).toBe(crc32(frame.subarray(0, 8)));
  expect(frame.subarray(12, 12 + headers.length)).toEqual(headers);
  expect(frame.subarray(-6, -4).toString()).toBe("hi");
  expect(frame.readUInt32BE(frame.length - 4)).toBe(crc32(frame.subarray(0, -4)));
});

test("any headers and payload come back from a decoder", () => {
  const name = fc.string({ minLength: 1, maxLength: 40 });
  const value = fc.string({ maxLength: 400, unit: "grapheme" });
  const headers = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 5 });
  const property = fc.property(headers, fc.uint8Array({ maxLength: 2000 }), (pairs, payload) => {
    const known = new Map(pairs);
    const [frame] = decodeFrames(encodeFrame(Object.fromEntries(known), payload));
    expect(new Map(Object.entries(frame?.headers ?? {}))).toEqual(known);
    expect(frame?.payload.equals(payload)).toBe(true);
  });
  fc.assert(property, { numRuns: 300 });
});

test("an event names its type and carries JSON, an error has all in its headers", () => {
  const [event, error] = decodeFrames(
    Buffer.concat([eventFrame("messageStart", { role: "assistant" }), errorFrame("E", "m")]),
  );
  expect(event?.headers).toEqual({
    ":event-type": "messageStart",
    ":content-type": "application/json",
    ":message-type": "event",
  });
  expect(JSON.parse(event?.payload.toString() ?? "")).toEqual({ role: "assistant" });
  expect(error).toMatchObject({
    headers: { ":message-type": "error", ":error-code": "E", ":error-message": "m" },
    payload: Buffer.alloc(0),
  });
});

test("a spoilt frame differs in its last checksum alone", () => {
  const frame = eventFrame("messageStop", { stopReason: "end_turn" });
  const spoilt = spoilChecksum(frame);
  expect(spoilt.subarray(0, -4)).toEqual(frame.subarray(0, -4));
  expect(() => decodeFrames(spoilt)).toThrow("Wrong checksum of the frame");
});
