import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  EventStreamDecoder,
  EventStreamError,
  type EventMessage,
} from "../../../../src/providers/lean/event-stream.ts";
import { encodeFrame, eventFrame, spoilChecksum } from "../../../../src/simulators/event-stream.ts";

interface Read {
  messages: { labels: object; payload: string }[];
  failure: unknown;
}

const told = ({ labels, payload }: EventMessage) => ({
  labels,
  payload: payload.toString("base64"),
});

/** Reads the bytes as chunks of the given sizes, over and over. */
function read(bytes: Buffer, sizes: readonly number[] = []): Read {
  const decoder = new EventStreamDecoder();
  const messages: EventMessage[] = [];
  try {
    for (let at = 0, count = 0; at < bytes.length; count += 1) {
      const size = sizes[count % sizes.length] ?? bytes.length;
      decoder.push(bytes.subarray(at, at + size), messages);
      at += size;
    }
    decoder.end();
    return { messages: messages.map(told), failure: undefined };
  } catch (failure) {
    return { messages: messages.map(told), failure };
  }
}

const label = fc.constantFrom(":message-type", ":event-type", ":exception-type", ":error-code");
const frames = fc.array(
  fc.record({
    labels: fc.dictionary(label, fc.string({ maxLength: 30 })),
    payload: fc.uint8Array({ maxLength: 300 }),
  }),
  { maxLength: 8 },
);
const sizes = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 6 });

const encodeAll = (
  each: readonly { labels: Record<string, string>; payload: Uint8Array }[],
): Buffer => Buffer.concat(each.map(({ labels, payload }) => encodeFrame(labels, payload)));

/** A frame with headers as raw bytes. */
function frameWith(headers: readonly number[], payload = "{}"): Buffer {
  const frame = Buffer.alloc(16 + headers.length + payload.length);
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt32BE(headers.length, 4);
  frame.set(headers, 12);
  frame.write(payload, 12 + headers.length);
  return withChecksums(frame);
}

function withChecksums(frame: Buffer): Buffer {
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  frame.writeUInt32BE(crc32(frame.subarray(0, -4)), frame.length - 4);
  return frame;
}

const text = (value: string): number[] => [...Buffer.from(value)];

describe("an event stream", () => {
  it("gives the same messages however its bytes are cut", () => {
    fc.assert(
      fc.property(frames, sizes, (given, cuts) => {
        const expected = given.map(({ labels, payload }) => ({
          labels: { ...labels },
          payload: Buffer.from(payload).toString("base64"),
        }));
        expect(read(encodeAll(given), cuts)).toEqual({ messages: expected, failure: undefined });
      }),
      { numRuns: 300 },
    );
  });

  it("never gives a message that was changed, and never hangs, whatever its bytes are", () => {
    const change = fc.record({ at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(
        frames,
        fc.array(change, { minLength: 1, maxLength: 3 }),
        sizes,
        (given, changes, cuts) => {
          const bytes = encodeAll(given);
          fc.pre(bytes.length > 0);
          const whole = read(bytes).messages;
          for (const { at, bits } of changes) {
            const place = at % bytes.length;
            bytes[place] = (bytes[place] ?? 0) ^ bits;
          }
          const { messages, failure } = read(bytes, cuts);
          expect(messages).toEqual(whole.slice(0, messages.length));
          // Changes may undo one another.
          if (messages.length < whole.length) expect(failure).toBeInstanceOf(EventStreamError);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("reads any bytes at all to their end or to an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), sizes, (bytes, cuts) => {
        const { messages, failure } = read(Buffer.from(bytes), cuts);
        expect(messages).toEqual([]);
        if (bytes.length > 0) expect(failure).toBeInstanceOf(EventStreamError);
      }),
    );
  });

  it("gives what came before the fault", () => {
    const [good, more] = [eventFrame("a", { n: 1 }), eventFrame("b", { n: 2 })];
    for (const sizesOf of [[], [1], [7]]) {
      const { messages, failure } = read(Buffer.concat([good, spoilChecksum(more), good]), sizesOf);
      expect(messages).toHaveLength(1);
      expect(failure).toBeInstanceOf(EventStreamError);
    }
  });

  it.each([
    ["ends within a message", eventFrame("a", {}).subarray(0, -1)],
    [
      "has a length beneath the least",
      withChecksums(Buffer.from([0, 0, 0, 15, 0, 0, 0, 0, ...Buffer.alloc(8)])),
    ],
    [
      "has headers that are longer than all",
      withChecksums(Buffer.from([0, 0, 0, 16, 0, 0, 0, 1, ...Buffer.alloc(8)])),
    ],
    ["has a header whose value breaks off", frameWith([1, ...text("a"), 7, 0, 9, ...text("b")])],
    ["has a header without a value", frameWith([1, ...text("a")])],
    ["has a header of no type", frameWith([1, ...text("a"), 10])],
  ])("fails where it %s", (_title, bytes) => {
    for (const cuts of [[], [1], [5]]) {
      const { messages, failure } = read(Buffer.from(bytes), cuts);
      expect(messages).toEqual([]);
      expect(failure).toBeInstanceOf(EventStreamError);
    }
  });

  it("fails at once for a message that says it is huge, without waiting for it", () => {
    const prelude = withChecksums(
      Buffer.from([0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...Buffer.alloc(4)]),
    );
    expect(read(prelude.subarray(0, 12)).failure).toMatchObject({
      message: expect.stringContaining("bytes") as string,
    });
  });

  it("passes over headers of every other type and name", () => {
    const headers = [
      [1, ...text("a"), 0],
      [1, ...text("b"), 1],
      [1, ...text("c"), 2, 1],
      [1, ...text("d"), 3, 1, 2],
      [1, ...text("e"), 4, 1, 2, 3, 4],
      [1, ...text("f"), 5, ...Array<number>(8).fill(7)],
      [1, ...text("g"), 6, 0, 2, 7, 7],
      [1, ...text("h"), 8, ...Array<number>(8).fill(7)],
      [1, ...text("i"), 9, ...Array<number>(16).fill(7)],
      [9, ...text("__proto__"), 7, 0, 1, ...text("x")],
      [11, ...text(":event-type"), 7, 0, 2, ...text("é")],
    ].flat();
    expect(read(frameWith(headers))).toEqual({
      messages: [{ labels: { ":event-type": "é" }, payload: Buffer.from("{}").toString("base64") }],
      failure: undefined,
    });
  });
});
