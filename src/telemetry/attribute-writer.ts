import type { AttributeSink } from "./attribute-sink.ts";
import { type AttributeName, attributes } from "./names.ts";
import { fieldSize, type ProtobufWriter, utf8Size, varintSize } from "./protobuf-writer.ts";

const attributesField = 0x4a;
const textValue = 0x0a;
const flagValue = 0x10;
const intValue = 0x18;
const doubleValue = 0x21;
const arrayValue = 0x2a;

/** What never changes of an attribute, or seldom. */
interface Prepared {
  /** Its key and the tag of its value, with which a KeyValue begins. */
  head: Buffer;
  /** Whole fields by their texts, most of which come again and again; null where each comes once. */
  known: Map<string, Buffer> | null;
}

const comeOnce: ReadonlySet<string> = new Set<AttributeName>([
  "switchyard.request.id",
  "gen_ai.response.id",
  "aws.request_id",
]);
/** Some texts are a client's to choose: past these bounds they are written like any other. */
const maxKnown = 256;
const longestKnown = 128;

const prepared = Object.fromEntries(
  Object.keys(attributes).map((name): [string, Prepared] => {
    const start = Uint8Array.of(0x0a, name.length);
    const head = Buffer.concat([start, Buffer.from(name), Uint8Array.of(0x12)]);
    return [name, { head, known: comeOnce.has(name) ? null : new Map() }];
  }),
) as Record<AttributeName, Prepared>;

/** Writes attributes as the KeyValues of a span. */
export class AttributeWriter implements AttributeSink<AttributeName> {
  readonly #writer: ProtobufWriter;

  constructor(writer: ProtobufWriter) {
    this.#writer = writer;
  }

  text(name: AttributeName, value: string | null): void {
    if (value === null) return;
    const { head, known } = prepared[name];
    const field = known?.get(value);
    if (field !== undefined) return this.#writer.raw(field);
    const size = utf8Size(value);
    const start = this.#writer.length;
    this.#begin(head, fieldSize(size));
    this.#field(textValue, value, size);
    if (known === null || value.length > longestKnown) return;
    if (known.size >= maxKnown) known.clear();
    known.set(value, this.#writer.since(start));
  }

  int(name: AttributeName, value: number | null): void {
    if (value === null) return;
    if (!Number.isSafeInteger(value) || value < 0) return this.double(name, value);
    const writer = this.#writer;
    this.#begin(prepared[name].head, 1 + varintSize(value));
    writer.byte(intValue);
    writer.varint(value);
  }

  double(name: AttributeName, value: number | null): void {
    if (value === null) return;
    this.#begin(prepared[name].head, 9);
    this.#writer.byte(doubleValue);
    this.#writer.double(value);
  }

  flag(name: AttributeName, value: boolean): void {
    this.#begin(prepared[name].head, 2);
    this.#writer.byte(flagValue);
    this.#writer.byte(value ? 1 : 0);
  }

  texts(name: AttributeName, values: readonly string[] | null): void {
    if (values === null) return;
    const sizes = values.map(utf8Size);
    let size = 0;
    for (const each of sizes) size += fieldSize(fieldSize(each));
    this.#begin(prepared[name].head, fieldSize(size));
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
  #begin(head: Buffer, size: number): void {
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
