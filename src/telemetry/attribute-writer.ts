import type { AttributeSink } from "./attribute-sink.ts";
import { type AttributeName, attributes } from "./names.ts";
import { fieldSize, type ProtobufWriter, utf8Size, varintSize } from "./protobuf-writer.ts";

const attributesField = 0x4a;
const textValue = 0x0a;
const flagValue = 0x10;
const intValue = 0x18;
const doubleValue = 0x21;
const arrayValue = 0x2a;

/** Of each attribute its key and the tag of its value, with which a KeyValue begins: written once, since they never change. */
const heads = Object.fromEntries(
  Object.keys(attributes).map((name) => [
    name,
    Buffer.concat([Uint8Array.of(0x0a, name.length), Buffer.from(name), Uint8Array.of(0x12)]),
  ]),
) as Record<AttributeName, Buffer>;

/** Writes attributes as the KeyValues of a span. */
export class AttributeWriter implements AttributeSink<AttributeName> {
  readonly #writer: ProtobufWriter;

  constructor(writer: ProtobufWriter) {
    this.#writer = writer;
  }

  text(name: AttributeName, value: string | null): void {
    if (value === null) return;
    const size = utf8Size(value);
    this.#begin(name, fieldSize(size));
    this.#field(textValue, value, size);
  }

  int(name: AttributeName, value: number | null): void {
    if (value === null) return;
    if (!Number.isSafeInteger(value) || value < 0) return this.double(name, value);
    const writer = this.#writer;
    this.#begin(name, 1 + varintSize(value));
    writer.byte(intValue);
    writer.varint(value);
  }

  double(name: AttributeName, value: number | null): void {
    if (value === null) return;
    this.#begin(name, 9);
    this.#writer.byte(doubleValue);
    this.#writer.double(value);
  }

  flag(name: AttributeName, value: boolean): void {
    this.#begin(name, 2);
    this.#writer.byte(flagValue);
    this.#writer.byte(value ? 1 : 0);
  }

  texts(name: AttributeName, values: readonly string[] | null): void {
    if (values === null) return;
    const sizes = values.map(utf8Size);
    let size = 0;
    for (const each of sizes) size += fieldSize(fieldSize(each));
    this.#begin(name, fieldSize(size));
    this.#writer.byte(arrayValue);
    this.#writer.varint(size);
    for (const [index, value] of values.entries()) {
      const each = sizes[index] ?? 0;
      this.#writer.byte(0x0a);
      this.#writer.varint(fieldSize(each));
      this.#field(textValue, value, each);
    }
  }

  /** All of a KeyValue up to its AnyValue, which takes `size` bytes. */
  #begin(name: AttributeName, size: number): void {
    const head = heads[name];
    const writer = this.#writer;
    writer.byte(attributesField);
    writer.varint(head.length - 1 + fieldSize(size));
    writer.raw(head);
    writer.varint(size);
  }

  #field(tag: number, text: string, size: number): void {
    this.#writer.byte(tag);
    this.#writer.varint(size);
    this.#writer.utf8(text, size);
  }
}
