import type { AttributeSink } from "./attribute-sink.ts";
import { type AttributeName, attributes } from "./names.ts";
import { fieldSize, type ProtobufWriter, utf8Size, varintSize } from "./protobuf-writer.ts";

const attributesField = 0x4a;
const textValue = 0x0a;
const flagValue = 0x10;
const intValue = 0x18;
const doubleValue = 0x21;
const arrayValue = 0x2a;

type Value = string | number | boolean | readonly string[];

/** What never changes of an attribute, or seldom. */
interface Prepared {
  /** Its key and the tag of its value, with which a KeyValue begins. */
  head: Buffer;
  /** Whole fields by their texts, most of which come again and again; null where each comes once. */
  known: Map<string, Buffer> | null;
  /** Its place in a model. */
  index: number;
}

const comeOnce: ReadonlySet<string> = new Set<AttributeName>([
  "switchyard.request.id",
  "gen_ai.response.id",
  "aws.request_id",
]);
/** Some texts are a client's to choose: past these bounds they are written like any other. */
const maxKnown = 256;
const longestKnown = 128;

const names = Object.keys(attributes) as AttributeName[];
const prepared: ReadonlyMap<AttributeName, Prepared> = new Map(
  names.map((name, index) => {
    const start = Uint8Array.of(0x0a, name.length);
    const head = Buffer.concat([start, Buffer.from(name), Uint8Array.of(0x12)]);
    return [name, { head, known: comeOnce.has(name) ? null : new Map<string, Buffer>(), index }];
  }),
);

/** The attributes of one span by their places, and where each stands in its bytes; absent ones are undefined. */
interface Model {
  bytes: Buffer;
  values: (Value | undefined)[];
  starts: number[];
  ends: number[];
}

/** A model for each route and each backend; who has more has them learnt anew. */
const maxModels = 256;

/**
 * Writes attributes as the KeyValues of a span. Most spans say nearly the same as others of their kind: what
 * is equal in the first of the kind, its model, is copied from there in runs of attributes, which takes half
 * the time of writing each.
 */
export class AttributeWriter implements AttributeSink<AttributeName> {
  readonly #writer: ProtobufWriter;
  readonly #models = new Map<string, Model>();
  #model: Model | undefined;
  /** Set while the span that is written is to be a model, which begins at `#start`. */
  #learnt: Model | undefined;
  #start = 0;
  /** The run of the model's bytes that is to be copied before anything else is written. */
  #runStart = -1;
  #runEnd = -1;

  constructor(writer: ProtobufWriter) {
    this.#writer = writer;
  }

  /**
   * Writes a span's attributes, each of which is given once at most.
   *
   * @param kind what spans that say nearly the same have in common
   */
  span(kind: string, write: (sink: AttributeSink<AttributeName>) => void): void {
    this.#model = this.#models.get(kind);
    if (this.#model === undefined) return this.#learn(kind, write);
    write(this);
    this.#endRun();
  }

  text(name: AttributeName, value: string | null): void {
    const attribute = preparedOf(name);
    if (value === null || this.#copies(attribute, value)) return;
    const start = this.#writer.length;
    this.#text(attribute, value);
    this.#note(attribute, value, start);
  }

  int(name: AttributeName, value: number | null): void {
    const attribute = preparedOf(name);
    if (value === null || this.#copies(attribute, value)) return;
    const writer = this.#writer;
    const start = writer.length;
    if (Number.isSafeInteger(value) && value >= 0) {
      this.#begin(attribute.head, 1 + varintSize(value));
      writer.byte(intValue);
      writer.varint(value);
    } else this.#double(attribute, value);
    this.#note(attribute, value, start);
  }

  double(name: AttributeName, value: number | null): void {
    const attribute = preparedOf(name);
    if (value === null || this.#copies(attribute, value)) return;
    const start = this.#writer.length;
    this.#double(attribute, value);
    this.#note(attribute, value, start);
  }

  flag(name: AttributeName, value: boolean): void {
    const attribute = preparedOf(name);
    if (this.#copies(attribute, value)) return;
    const start = this.#writer.length;
    this.#begin(attribute.head, 2);
    this.#writer.byte(flagValue);
    this.#writer.byte(value ? 1 : 0);
    this.#note(attribute, value, start);
  }

  texts(name: AttributeName, values: readonly string[] | null): void {
    const attribute = preparedOf(name);
    if (values === null || this.#copies(attribute, values)) return;
    const start = this.#writer.length;
    this.#texts(attribute, values);
    this.#note(attribute, values, start);
  }

  #learn(kind: string, write: (sink: AttributeSink<AttributeName>) => void): void {
    const each = names.map(() => 0);
    const values = names.map(() => undefined);
    const bytes: Buffer = Buffer.alloc(0);
    const model: Model = { bytes, values, starts: each, ends: [...each] };
    this.#learnt = model;
    this.#start = this.#writer.length;
    write(this);
    this.#learnt = undefined;
    model.bytes = this.#writer.since(this.#start);
    if (this.#models.size >= maxModels) this.#models.clear();
    this.#models.set(kind, model);
  }

  #note({ index }: Prepared, value: Value, start: number): void {
    const model = this.#learnt;
    if (model === undefined) return;
    model.values[index] = value;
    model.starts[index] = start - this.#start;
    model.ends[index] = this.#writer.length - this.#start;
  }

  /** Whether the model says the same: it is left to be copied, with what stands beside it in one go. */
  #copies({ index }: Prepared, value: Value): boolean {
    const model = this.#model;
    if (model === undefined || !isSame(model.values[index], value)) {
      this.#endRun();
      return false;
    }
    const start = model.starts[index] ?? 0;
    if (start !== this.#runEnd) {
      this.#endRun();
      this.#runStart = start;
    }
    this.#runEnd = model.ends[index] ?? 0;
    return true;
  }

  #endRun(): void {
    if (this.#runEnd > this.#runStart && this.#model !== undefined) {
      this.#writer.raw(this.#model.bytes.subarray(this.#runStart, this.#runEnd));
    }
    this.#runStart = -1;
    this.#runEnd = -1;
  }

  #text({ head, known }: Prepared, value: string): void {
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

  #double({ head }: Prepared, value: number): void {
    this.#begin(head, 9);
    this.#writer.byte(doubleValue);
    this.#writer.double(value);
  }

  #texts({ head }: Prepared, values: readonly string[]): void {
    const sizes = values.map(utf8Size);
    let size = 0;
    for (const each of sizes) size += fieldSize(fieldSize(each));
    this.#begin(head, fieldSize(size));
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

function preparedOf(name: AttributeName): Prepared {
  const known = prepared.get(name);
  if (known === undefined) throw new TypeError(`${name} is not in the table of names`);
  return known;
}

function isSame(before: Value | undefined, value: Value): boolean {
  if (typeof value !== "object") return Object.is(before, value);
  if (typeof before !== "object" || before.length !== value.length) return false;
  return value.every((text, index) => text === before[index]);
}
