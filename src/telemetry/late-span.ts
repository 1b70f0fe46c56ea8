import {
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
} from "@opentelemetry/api";
import { type InstrumentationScope, millisToHrTime } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableSpan, TimedEvent } from "@opentelemetry/sdk-trace";
import { collectAttributes } from "./attribute-sink.ts";
import type { SpanContent } from "./span-content.ts";

/** Whence a span comes and where it stands: all that is settled when its request ends. */
export interface SpanOrigin {
  resource: Resource;
  scope: InstrumentationScope;
  context: SpanContext;
  parent: SpanContext | undefined;
  /** Of another trace, where the span has to do with it. */
  link?: SpanContext;
}

const none: never[] = [];

/**
 * A finished span that holds only a way to its content. Requests make a few of these, which cost
 * next to nothing; names, times and attributes are put together in the exporter's batch, and never
 * for spans that are dropped before.
 */
export class LateSpan implements ReadableSpan {
  readonly #origin: SpanOrigin;
  readonly #describe: () => SpanContent;
  #content: SpanContent | undefined;

  constructor(origin: SpanOrigin, describe: () => SpanContent) {
    this.#origin = origin;
    this.#describe = describe;
  }

  get #described(): SpanContent {
    this.#content ??= this.#describe();
    return this.#content;
  }

  spanContext(): SpanContext {
    return this.#origin.context;
  }

  // The interface leaves the key out where there is no parent; its readers take undefined for that.
  get parentSpanContext(): SpanContext {
    return this.#origin.parent as SpanContext;
  }

  get name(): string {
    return this.#described.name;
  }

  get kind(): SpanKind {
    return this.#described.kind;
  }

  get startTime(): HrTime {
    return millisToHrTime(this.#described.startedAt);
  }

  get endTime(): HrTime {
    return millisToHrTime(this.#described.startedAt + this.#described.durationMs);
  }

  get duration(): HrTime {
    return millisToHrTime(this.#described.durationMs);
  }

  get status(): SpanStatus {
    return { code: this.#described.error === null ? SpanStatusCode.UNSET : SpanStatusCode.ERROR };
  }

  get attributes(): Attributes {
    return collectAttributes(this.#described.writeAttributes);
  }

  get resource(): Resource {
    return this.#origin.resource;
  }

  get instrumentationScope(): InstrumentationScope {
    return this.#origin.scope;
  }

  get links(): Link[] {
    const { link } = this.#origin;
    return link === undefined ? none : [{ context: link }];
  }

  get events(): TimedEvent[] {
    return none;
  }

  get ended(): boolean {
    return true;
  }

  get droppedAttributesCount(): number {
    return 0;
  }

  get droppedEventsCount(): number {
    return 0;
  }

  get droppedLinksCount(): number {
    return 0;
  }
}
