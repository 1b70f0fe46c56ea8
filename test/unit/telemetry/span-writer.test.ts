import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { TraceState } from "@opentelemetry/core";
import { resourceFromAttributes } from "@opentelemetry/resources";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scopeName, schemaUrl } from "../../../src/telemetry/names.ts";
import { requestSpans, type Sampled } from "../../../src/telemetry/request-spans.ts";
import { SpanWriter } from "../../../src/telemetry/span-writer.ts";
import { traceEnvelope } from "../../../src/telemetry/trace-envelope.ts";
import type { RequestObservation } from "../../../src/telemetry/index.ts";
import { makeObservation, makeRecord } from "../../support/observations.ts";
import { arbitraryObservation } from "../../support/arbitrary-observation.ts";
import { decodeTraces } from "../../support/otlp-protobuf.ts";
import { plainAttributes, type SentSpan } from "../../support/otlp-sink.ts";

const resource = resourceFromAttributes({ "service.name": "router", ключ: "значение" });
const ids = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const parent = {
  traceId: ids.traceId,
  spanId: "00f067aa0ba902b7",
  traceFlags: 1,
  isRemote: true,
  traceState: new TraceState("vendor=1,other=ü"),
};

interface Sent {
  resourceSpans: {
    resource: unknown;
    scopeSpans: { scope: unknown; schemaUrl: string; spans: (SentSpan & { flags: number })[] }[];
  }[];
}

function throughSdk(observations: readonly RequestObservation[], sampled: Sampled): Sent {
  const source = { resource, scope: { name: scopeName, schemaUrl } };
  const spans = observations.flatMap((each) => requestSpans(each, sampled, source));
  const bytes = ProtobufTraceSerializer.serializeRequest(spans);
  return decodeTraces(Buffer.from(bytes ?? [])) as Sent;
}

function throughWriter(observations: readonly RequestObservation[], sampled: Sampled): Sent {
  const writer = new SpanWriter();
  for (const each of observations) writer.write(each, sampled);
  return decodeTraces(traceEnvelope(resource)(writer.take())) as Sent;
}

/** What can be told of both ways alike: ids of children are drawn by chance, so their order stands for them. */
function comparable(sent: Sent) {
  const [{ resource: described, scopeSpans: [scoped] } = { resource: null, scopeSpans: [] }] =
    sent.resourceSpans;
  const spans = scoped?.spans ?? [];
  const seen: string[] = [];
  const nameOf = (id: string | undefined) => {
    if (id === undefined || id === ids.spanId || id === parent.spanId) return id;
    if (!seen.includes(id)) seen.push(id);
    return seen.indexOf(id);
  };
  return {
    described,
    scope: scoped?.scope,
    schemaUrl: scoped?.schemaUrl,
    spans: spans.map((span) => ({
      ...span,
      spanId: nameOf(span.spanId),
      parentSpanId: nameOf(span.parentSpanId),
      attributes: plainAttributes(span.attributes),
      status: { code: span.status?.code ?? 0 },
      startTimeUnixNano: "",
      endTimeUnixNano: "",
    })),
  };
}

const timesOf = (sent: Sent) =>
  sent.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.flatMap((span) => [Number(span.startTimeUnixNano), Number(span.endTimeUnixNano)]),
    ),
  );

/** Milliseconds since 1970, as a double, are told to a quarter of a microsecond. */
const toleranceNs = 1_000;

const sampledWays: [string, Sampled][] = [
  ["of its own", { ids, parent: undefined, keptByOutcome: false }],
  ["of the caller's trace", { ids, parent, keptByOutcome: true }],
];

describe.each(sampledWays)("spans written as bytes, in a trace %s", (_what, sampled) => {
  it("say all that the SDK's own serializer makes of the same requests", () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryObservation, { minLength: 1, maxLength: 3 }),
        (observations) => {
          const written = throughWriter(observations, sampled);
          const expected = throughSdk(observations, sampled);
          expect(comparable(written)).toEqual(comparable(expected));
          const off = timesOf(expected).map((time, index) => time - (timesOf(written)[index] ?? 0));
          expect(Math.max(...off.map(Math.abs))).toBeLessThanOrEqual(toleranceNs);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("spans that say nearly the same as those before them", () => {
  /** Members of one record in place of those of another, which stay its route's and its backends'. */
  const altered = fc
    .tuple(arbitraryObservation, fc.array(arbitraryObservation), fc.func(fc.boolean()))
    .map(([first, others, takes]) => [
      first,
      ...others.map((other): RequestObservation => {
        const taken = Object.entries(other.record).filter(([name]) => takes(name));
        const { route, attempts } = first.record;
        const record = { ...first.record, ...Object.fromEntries(taken), route, attempts };
        return { ...(takes("http") ? other : first), attempts: first.attempts, record };
      }),
    ]);

  it("say all the same what the SDK's own serializer makes of them", () => {
    fc.assert(
      fc.property(altered, (observations) => {
        const [[, sampled] = ["", { ids, parent, keptByOutcome: false }]] = sampledWays;
        expect(comparable(throughWriter(observations, sampled))).toEqual(
          comparable(throughSdk(observations, sampled)),
        );
      }),
      { numRuns: 150 },
    );
  });
});

describe("texts that come again and again", () => {
  it("are written alike the first time and every other, however many there are", () => {
    const named = (index: number) =>
      makeObservation({ record: makeRecord({ route: `route-${index}`, tenant: "t".repeat(200) }) });
    const observations = Array.from({ length: 700 }, (_, index) => named(index % 350));
    const [[, sampled] = ["", { ids, parent, keptByOutcome: false }]] = sampledWays;
    const written = comparable(throughWriter(observations, sampled));
    expect(written).toEqual(comparable(throughSdk(observations, sampled)));
  });
});
