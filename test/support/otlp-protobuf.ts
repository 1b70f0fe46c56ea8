// Reads OTLP protobuf exports into the shape that OTLP's JSON has. Written from the published
// .proto files, not from the exporter's code, so that a slip there is not repeated here.

type Scalar =
  | "text"
  | "hex"
  | "bool"
  | "varint"
  | "sint"
  | "fixed32"
  | "fixed64"
  | "double"
  | "doubles"
  | "fixed64s"
  | "varints";
interface Message {
  [field: number]: [name: string, type: Scalar | Message | readonly [Message]];
}

const anyValue: Message = {
  1: ["stringValue", "text"],
  2: ["boolValue", "bool"],
  3: ["intValue", "varint"],
  4: ["doubleValue", "double"],
};
anyValue[5] = ["arrayValue", { 1: ["values", [anyValue]] }];
const keyValues = [{ 1: ["key", "text"], 2: ["value", anyValue] } as Message] as const;
const resource: Message = { 1: ["attributes", keyValues] };
const scope: Message = { 1: ["name", "text"], 2: ["version", "text"] };

const span: Message = {
  1: ["traceId", "hex"],
  2: ["spanId", "hex"],
  3: ["traceState", "text"],
  4: ["parentSpanId", "hex"],
  5: ["name", "text"],
  6: ["kind", "varint"],
  7: ["startTimeUnixNano", "fixed64"],
  8: ["endTimeUnixNano", "fixed64"],
  9: ["attributes", keyValues],
  15: ["status", { 2: ["message", "text"], 3: ["code", "varint"] }],
  16: ["flags", "fixed32"],
};

const logRecord: Message = {
  1: ["timeUnixNano", "fixed64"],
  2: ["severityNumber", "varint"],
  5: ["body", anyValue],
  6: ["attributes", keyValues],
  9: ["traceId", "hex"],
  10: ["spanId", "hex"],
  12: ["eventName", "text"],
};

const times: Message = { 2: ["startTimeUnixNano", "fixed64"], 3: ["timeUnixNano", "fixed64"] };
const numberPoint: Message = {
  ...times,
  4: ["asDouble", "double"],
  6: ["asInt", "fixed64"],
  7: ["attributes", keyValues],
};
const histogramPoint: Message = {
  ...times,
  4: ["count", "fixed64"],
  5: ["sum", "double"],
  6: ["bucketCounts", "fixed64s"],
  7: ["explicitBounds", "doubles"],
  9: ["attributes", keyValues],
  11: ["min", "double"],
  12: ["max", "double"],
};
const buckets: Message = { 1: ["offset", "sint"], 2: ["bucketCounts", "varints"] };
const exponentialPoint: Message = {
  ...times,
  1: ["attributes", keyValues],
  4: ["count", "fixed64"],
  5: ["sum", "double"],
  6: ["scale", "sint"],
  7: ["zeroCount", "fixed64"],
  8: ["positive", buckets],
  9: ["negative", buckets],
  12: ["min", "double"],
  13: ["max", "double"],
};
const points = (point: Message): Message => ({
  1: ["dataPoints", [point]],
  2: ["aggregationTemporality", "varint"],
  3: ["isMonotonic", "bool"],
});
const metric: Message = {
  1: ["name", "text"],
  2: ["description", "text"],
  3: ["unit", "text"],
  5: ["gauge", points(numberPoint)],
  7: ["sum", points(numberPoint)],
  9: ["histogram", points(histogramPoint)],
  10: ["exponentialHistogram", points(exponentialPoint)],
};

const request = (signal: string, scoped: string, items: string, item: Message): Message => {
  const ofScope: Message = { 1: ["scope", scope], 2: [items, [item]], 3: ["schemaUrl", "text"] };
  return { 1: [signal, [{ 1: ["resource", resource], 2: [scoped, [ofScope]] }]] };
};

export const decodeTraces = (body: Buffer): unknown =>
  decode(body, request("resourceSpans", "scopeSpans", "spans", span));
export const decodeLogs = (body: Buffer): unknown =>
  decode(body, request("resourceLogs", "scopeLogs", "logRecords", logRecord));
export const decodeMetrics = (body: Buffer): unknown =>
  decode(body, request("resourceMetrics", "scopeMetrics", "metrics", metric));

function decode(body: Buffer, message: Message): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  const reader = new WireReader(body);
  while (!reader.done) {
    const tag = Number(reader.varint());
    const value = reader.value(tag & 7);
    const field = message[tag >>> 3];
    if (field === undefined) continue;
    const [name, type] = field;
    if (!isRepeated(type)) {
      decoded[name] =
        typeof type === "string" ? scalar(value, type) : decode(value as Buffer, type);
      continue;
    }
    const items = (decoded[name] ?? []) as unknown[];
    items.push(decode(value as Buffer, type[0]));
    decoded[name] = items;
  }
  return decoded;
}

const isRepeated = (type: unknown): type is readonly [Message] => Array.isArray(type);

/** What stands on the wire: a number of 64 bits, or bytes. */
class WireReader {
  #at = 0;
  readonly #body: Buffer;

  constructor(body: Buffer) {
    this.#body = body;
  }

  get done(): boolean {
    return this.#at >= this.#body.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#body.readUInt8(this.#at);
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  value(wireType: number): bigint | Buffer {
    if (wireType === 0) return this.varint();
    const length = { 1: 8, 2: -1, 5: 4 }[wireType];
    if (length === undefined) throw new Error(`unknown wire type ${wireType}`);
    const size = length < 0 ? Number(this.varint()) : length;
    this.#at += size;
    return this.#body.subarray(this.#at - size, this.#at);
  }
}

function scalar(value: bigint | Buffer, type: Scalar): unknown {
  if (typeof value === "bigint") {
    if (type === "bool") return value === 1n;
    if (type === "sint") return Number((value >> 1n) ^ -(value & 1n));
    return Number(BigInt.asIntN(64, value));
  }
  return fromBytes(value, type);
}

function fromBytes(bytes: Buffer, type: Scalar): unknown {
  const places = Array.from({ length: bytes.length / 8 }, (_, index) => index * 8);
  switch (type) {
    case "text":
      return bytes.toString();
    case "hex":
      return bytes.toString("hex");
    case "fixed32":
      return bytes.readUInt32LE();
    case "fixed64":
      return String(bytes.readBigUInt64LE());
    case "double":
      return bytes.readDoubleLE();
    case "doubles":
      return places.map((at) => bytes.readDoubleLE(at));
    case "fixed64s":
      return places.map((at) => Number(bytes.readBigUInt64LE(at)));
    case "varints": {
      const reader = new WireReader(bytes);
      const values: number[] = [];
      while (!reader.done) values.push(Number(reader.varint()));
      return values;
    }
    default:
      throw new Error(`${type} is not sent as bytes`);
  }
}
