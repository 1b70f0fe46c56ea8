// A request's spans as OTLP protobuf. The SDK's way there, a span object, its attributes, their sizes and
// then their bytes, costs more than all else that is done for a request; here each attribute is written
// once, straight to its place. Field numbers are those of opentelemetry/proto/trace/v1.
import { type SpanContext, TraceFlags } from "@opentelemetry/api";
import { AttributeWriter } from "./attribute-writer.ts";
import type { RequestObservation, TraceIds } from "./observation.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";
import type { Sampled } from "./request-spans.ts";
import {
  attemptContent,
  measuredContent,
  requestContent,
  routeContent,
  safetyContent,
  spokenOf,
  type SpanContent,
} from "./span-content.ts";
import { newSpanId } from "./trace-context.ts";

const spansField = 0x12;
const linksField = 0x6a;
const linkFlagsTag = 0x35;
const errorStatus = Uint8Array.of(0x7a, 2, 0x18, 2);
const flagsTag = Uint8Array.of(0x85, 0x01);
const hasIsRemote = 0x100;
const isRemote = 0x200;
const nanosecondsAMillisecond = 1e6;

interface Place {
  traceId: string;
  spanId: string;
  /** `tracestate`, "" for none. */
  state: string;
  parent: Pick<SpanContext, "spanId" | "isRemote"> | undefined;
  /** The span of another trace that it has to do with. */
  link?: TraceIds;
}

/** Gathers spans as members of a ScopeSpans message. */
export class SpanWriter {
  readonly #writer = new ProtobufWriter(256 * 1024);
  readonly #attributes = new AttributeWriter(this.#writer);
  #count = 0;

  /** Spans gathered so far. */
  get count(): number {
    return this.#count;
  }

  /** What was gathered; begins anew. */
  take(): Buffer {
    this.#count = 0;
    return this.#writer.take();
  }

  /** The same spans as `requestSpans`. */
  write(observation: RequestObservation, { ids, parent, keptByOutcome }: Sampled): void {
    const { original, routing } = observation;
    const trace = { traceId: ids.traceId, state: parent?.traceState?.serialize() ?? "" };
    if (original !== null) {
      const measured = { ...trace, spanId: ids.spanId, parent: undefined, link: original };
      this.#span(measured, measuredContent(observation));
      this.#attempts(observation, { ...trace, parent: measured });
      return;
    }
    const content = requestContent(observation, keptByOutcome);
    this.#span({ ...trace, spanId: ids.spanId, parent }, content);
    for (const each of spokenOf(observation)) {
      const place = { ...trace, spanId: newSpanId(), parent: { spanId: ids.spanId } };
      this.#span(place, safetyContent(observation, each));
    }
    if (routing === null) return;
    const route = { spanId: newSpanId() };
    const below = { ...trace, spanId: route.spanId, parent: { spanId: ids.spanId } };
    this.#span(below, routeContent(observation, routing));
    this.#attempts(observation, { ...trace, parent: route });
  }

  #attempts(observation: RequestObservation, place: Omit<Place, "spanId">): void {
    for (const [index, attempt] of observation.record.attempts.entries()) {
      const observed = observation.attempts[index];
      if (observed === undefined) continue;
      const content = attemptContent(observation, attempt, observed, index);
      this.#span({ ...place, spanId: newSpanId() }, content);
    }
  }

  #span(place: Place, content: SpanContent): void {
    this.#count += 1;
    this.#writer.message(spansField, () => this.#members(place, content));
  }

  #members({ traceId, spanId, state, parent, link }: Place, content: SpanContent): void {
    const writer = this.#writer;
    const { startedAt, durationMs } = content;
    this.#id(0x0a, traceId);
    this.#id(0x12, spanId);
    if (state !== "") writer.text(0x1a, state);
    if (parent !== undefined) this.#id(0x22, parent.spanId);
    writer.text(0x2a, content.name);
    writer.byte(0x30);
    // The SDK counts kinds from 0, the wire from 1.
    writer.byte(content.kind + 1);
    writer.byte(0x39);
    writer.fixed64(startedAt * nanosecondsAMillisecond);
    writer.byte(0x41);
    writer.fixed64((startedAt + durationMs) * nanosecondsAMillisecond);
    this.#attributes.span(content.kindred, content.writeAttributes);
    if (link !== undefined) writer.message(linksField, () => this.#link(link));
    if (content.error !== null) writer.raw(errorStatus);
    writer.raw(flagsTag);
    const remote = parent?.isRemote === true ? isRemote : 0;
    writer.fixed32(TraceFlags.SAMPLED | hasIsRemote | remote);
  }

  #link({ traceId, spanId }: TraceIds): void {
    this.#id(0x0a, traceId);
    this.#id(0x12, spanId);
    this.#writer.byte(linkFlagsTag);
    this.#writer.fixed32(TraceFlags.SAMPLED | hasIsRemote);
  }

  #id(tag: number, digits: string): void {
    this.#writer.byte(tag);
    this.#writer.byte(digits.length / 2);
    this.#writer.hex(digits);
  }
}
