// What leaves through OTLP, held against the table of names.
import { expect } from "vitest";
import { attributes, metrics, spans } from "../../src/telemetry/index.ts";
import type { AnyValue, KeyValue, SentMetric, SentPoint, SentSpan } from "./otlp-sink.ts";

const kinds: Record<string, number> = { INTERNAL: 1, SERVER: 2, CLIENT: 3 };
const specNames = Object.keys(spans) as (keyof typeof spans)[];

const namesOf = (spec: keyof typeof spans): string[] =>
  ["shadow", "judge"].map((arm) => spans[spec].name.replace("{switchyard.arm}", arm));

/** By the kind and the name of what was sent. */
export const specOf = (span: SentSpan) => {
  // Of the spans within a router each has a name of its own; the others' names are of the request.
  const name = specNames.find(
    (each) =>
      kinds[spans[each].kind] === span.kind &&
      (spans[each].kind !== "INTERNAL" || namesOf(each).includes(span.name)),
  );
  if (name === undefined) throw new Error(`no such kind of span: ${span.kind}`);
  return { id: name, ...spans[name] };
};

export const isRoot = (id: keyof typeof spans): boolean => id === "request" || id === "measured";

/** All that is always there, nothing that is in no table, each by its type. */
export function checkAttributes(
  where: string,
  sent: readonly KeyValue[] = [],
  spec: { required: readonly string[]; optional: readonly string[] },
): void {
  const keys = sent.map(({ key }) => key);
  const known = [...spec.required, ...spec.optional];
  expect(
    keys.filter((key) => !known.includes(key)),
    `unknown on ${where}`,
  ).toEqual([]);
  expect(
    spec.required.filter((key) => !keys.includes(key)),
    `missing on ${where}`,
  ).toEqual([]);
  expect(new Set(keys).size, `twice on ${where}`).toBe(keys.length);
  for (const { key, value } of sent) {
    const { type } = attributes[key as keyof typeof attributes];
    expect(fits(value, type), `${key} on ${where} is ${JSON.stringify(value)}`).toBe(true);
  }
}

function fits(value: AnyValue, type: string): boolean {
  switch (type) {
    case "string":
      return typeof value.stringValue === "string";
    case "boolean":
      return typeof value.boolValue === "boolean";
    case "int":
      return value.intValue !== undefined && Number.isSafeInteger(Number(value.intValue));
    // The exporter cannot tell the double 1.0 from the integer 1.
    case "double":
      return typeof (value.doubleValue ?? value.intValue) === "number";
    default:
      return (value.arrayValue?.values ?? []).every(({ stringValue }) => stringValue !== undefined);
  }
}

const isOverflow = ({ attributes: labels = [] }: SentPoint): boolean =>
  labels.some(({ key }) => key === "otel.metric.overflow");

export function checkMetric(metric: SentMetric): void {
  const spec = metrics[metric.name as keyof typeof metrics];
  expect(spec, `${metric.name} is in the table`).toBeDefined();
  expect(metric.unit).toBe(spec.unit);
  expect(metric.description).toBe(spec.description);
  const member = {
    counter: "sum",
    updowncounter: "sum",
    gauge: "gauge",
    histogram: "exponentialHistogram",
  } as const;
  const points = metric[member[spec.kind]];
  expect(points?.dataPoints.length, `${metric.name} as a ${spec.kind}`).toBeGreaterThan(0);
  if (member[spec.kind] === "sum") {
    expect(points?.isMonotonic ?? false).toBe(spec.kind === "counter");
  }
  for (const point of points?.dataPoints ?? []) {
    if (!isOverflow(point)) checkAttributes(metric.name, point.attributes, spec);
    checkPoint(metric.name, point, spec.unit);
  }
}

function checkPoint(name: string, point: SentPoint, unit: string): void {
  if (point.count === undefined) {
    const whole = unit.startsWith("{") && unit !== "{USD}";
    expect(whole ? point.asInt : point.asDouble, name).toBeDefined();
    return;
  }
  const counts = point.bucketCounts ?? point.positive?.bucketCounts ?? [];
  const zeros = Number(point.zeroCount ?? 0);
  const total = counts.reduce<number>((sum, count) => sum + Number(count), zeros);
  expect(total, `${name}'s buckets`).toBe(Number(point.count));
}
