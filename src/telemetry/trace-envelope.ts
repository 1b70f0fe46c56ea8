import type { Resource } from "@opentelemetry/resources";
import { scopeName, schemaUrl } from "./names.ts";
import { fieldSize, ProtobufWriter } from "./protobuf-writer.ts";

/**
 * What stands around the spans of every export: an ExportTraceServiceRequest with one resource and one
 * scope, whose bytes never change. Field numbers are those of opentelemetry/proto/collector/trace/v1.
 *
 * @returns puts members of a ScopeSpans message into it
 */
export function traceEnvelope(resource: Resource): (spans: Buffer) => Buffer {
  const described = encode((writer) =>
    writer.message(0x0a, () => {
      for (const [key, value] of Object.entries(resource.attributes)) {
        writeAttribute(writer, key, String(value));
      }
    }),
  );
  const scope = encode((writer) => writer.message(0x0a, () => writer.text(0x0a, scopeName)));
  const schema = encode((writer) => writer.text(0x1a, schemaUrl));
  return (spans) => {
    const scopeSize = scope.length + spans.length + schema.length;
    const head = encode((writer) => {
      writer.byte(0x0a);
      writer.varint(described.length + fieldSize(scopeSize));
      writer.raw(described);
      writer.byte(0x12);
      writer.varint(scopeSize);
      writer.raw(scope);
    });
    return Buffer.concat([head, spans, schema]);
  };
}

function encode(write: (writer: ProtobufWriter) => void): Buffer {
  const writer = new ProtobufWriter(1_024);
  write(writer);
  return writer.take();
}

/** Our own attributes of the resource are texts, and so is all that comes from the environment. */
function writeAttribute(writer: ProtobufWriter, key: string, value: string): void {
  writer.message(0x0a, () => {
    writer.text(0x0a, key);
    writer.message(0x12, () => writer.text(0x0a, value));
  });
}
