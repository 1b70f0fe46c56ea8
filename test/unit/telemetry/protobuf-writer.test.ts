import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtobufWriter, utf8Size, varintSize } from "../../../src/telemetry/protobuf-writer.ts";

function written(write: (writer: ProtobufWriter) => void, room = 1): Buffer {
  const writer = new ProtobufWriter(room);
  write(writer);
  return writer.take();
}

/** As the protobuf encoding is defined: seven bits a byte, the least first. */
function varintOf(value: bigint): number[] {
  return value < 0x80n ? [Number(value)] : [Number(value & 0x7fn) | 0x80, ...varintOf(value >> 7n)];
}

describe("the protobuf writer", () => {
  it("writes whole numbers as varints, and knows their size", () => {
    const edges = fc.constantFrom(
      0,
      127,
      128,
      16_383,
      16_384,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32,
      2 ** 53 - 1,
    );
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeNat(), edges), (value) => {
        const bytes = written((writer) => writer.varint(value));
        expect([...bytes]).toEqual(varintOf(BigInt(value)));
        expect(varintSize(value)).toBe(bytes.length);
      }),
    );
  });

  it("writes times beyond what a double counts singly", () => {
    const nanoseconds = 1_893_456_000_123 * 1e6;
    const bytes = written((writer) => writer.fixed64(nanoseconds));
    expect(bytes.readBigUInt64LE()).toBe(BigInt(nanoseconds));
  });

  it.each([0, 127, 128, 16_383, 16_384, 3_000_000])(
    "puts the size before a message of %d bytes",
    (size) => {
      const bytes = written((writer) => {
        writer.message(0x0a, () => writer.raw(Buffer.alloc(size, 7)));
        writer.byte(9);
      });
      const expected = [0x0a, ...varintOf(BigInt(size))];
      expect([...bytes.subarray(0, expected.length)]).toEqual(expected);
      expect(bytes.subarray(expected.length)).toEqual(
        Buffer.concat([Buffer.alloc(size, 7), Buffer.of(9)]),
      );
    },
  );

  it("writes texts of any script as UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: "binary" }), (text) => {
        const expected = Buffer.from(text);
        const size = utf8Size(text);
        expect(size).toBe(expected.length);
        expect(written((writer) => writer.utf8(text, size))).toEqual(expected);
      }),
    );
  });

  it("begins anew when what was written is taken, and leaves that as it is", () => {
    const writer = new ProtobufWriter(16);
    writer.byte(1);
    const first = writer.take();
    writer.byte(2);
    expect([...writer.take()]).toEqual([2]);
    expect([...first]).toEqual([1]);
  });
});
