import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KeptRecord, RequestRecord } from "../../../src/records/index.ts";
import { emfLine } from "../../../src/telemetry/index.ts";
import { arbitraryRecord } from "../../support/arbitrary-record.ts";
import { type EmfDocument, emfProblems } from "../../support/emf-document.ts";
import { makeLabel, makeRecord, makeSafetyRecord } from "../../support/observations.ts";

const dressed = (record: KeptRecord): string => emfLine(record, JSON.stringify(record));

function drawn(changes: Partial<RequestRecord>) {
  const document = JSON.parse(dressed(makeRecord(changes))) as EmfDocument;
  const [directive, ...others] = document._aws.CloudWatchMetrics;
  const [set = [], ...otherSets] = directive?.Dimensions ?? [];
  expect([others, otherSets]).toEqual([[], []]);
  const metrics = directive?.Metrics.map(({ Name }) => Name) ?? [];
  return { document, set, metrics, of: (name: string) => document[name] };
}

const name = fc.option(
  fc.oneof(
    fc.string({ maxLength: 40, unit: "grapheme" }),
    fc.constantFrom("", " ", "a\nb", "é", "x".repeat(2_000), "us.amazon.nova-lite-v1:0"),
  ),
  { nil: null },
);
const ms = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: null });

const anyRecord: fc.Arbitrary<RequestRecord> = fc
  .tuple(
    arbitraryRecord,
    fc.record({
      arm: fc.constantFrom(null, "control" as const, "shadow" as const, "judge", "golden"),
      response_model: name,
      fallback_reason: name,
      ttft_ms: ms,
      status: fc.constantFrom(200, 400, 404, 429, 499, 500, 502),
      error_type: name,
    }),
  )
  .map(([record, changes]) => Object.assign(record, changes));

describe("a record's line for CloudWatch", () => {
  it("is a valid document of the embedded metric format, whatever the record", () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(emfProblems(dressed(record))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is the record's line with members behind it, and nothing of it is changed", () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const line = JSON.stringify(record);
        const added = emfLine(record, line);
        expect(added.startsWith(line.slice(0, -1))).toBe(true);
        expect(JSON.parse(added)).toMatchObject(JSON.parse(line) as object);
        const names = Object.keys(JSON.parse(`{${added.slice(line.length)}`) as object);
        expect(names.filter((each) => each in record)).toEqual([]);
      }),
    );
  });

  it("has one set of dimensions and what a request is judged by", () => {
    const { document, set, metrics, of } = drawn({ fallback_reason: "RateLimited" });
    expect(set).toEqual(["namespace", "route", "model", "outcome"]);
    expect(set.map(of)).toEqual(["shop", "support-chat", "amazon.nova-lite-v1:0", "answered"]);
    expect(metrics.map((each) => [each, of(each)])).toEqual([
      ["latency_ms", 410],
      ["ttft_ms", 105],
      ["cost_usd", 0.000123],
      ["input_tokens", 125],
      ["output_tokens", 40],
      ["fallbacks", 1],
    ]);
    expect(document._aws.Timestamp).toBe(Date.parse("2027-03-04T05:06:07.890Z"));
    expect(document._aws.CloudWatchMetrics[0]?.Namespace).toBe("Switchyard");
  });

  it.each([
    { what: "no route", changes: { route: null }, left: "route" },
    { what: "no model", changes: { response_model: null }, left: "model" },
    { what: "a model that is no plain text", changes: { response_model: "modèle" }, left: "model" },
    { what: "no first token", changes: { ttft_ms: null }, left: "ttft_ms" },
    { what: "no count of tokens", changes: { tokens: null }, left: "input_tokens" },
  ])("leaves out what is not known: $what", ({ changes, left }) => {
    const { set, metrics } = drawn(changes);
    const all = drawn({});
    const names = [...all.set, ...all.metrics].filter(
      (each) => ![...set, ...metrics].includes(each),
    );
    expect(names).toContain(left);
  });

  it.each([
    { changes: {}, outcome: "answered" },
    { changes: { status: 404, error_type: "model_not_found" }, outcome: "refused" },
    { changes: { status: 429, error_type: "rate_limited" }, outcome: "limited" },
    { changes: { error_type: "stream_broken" }, outcome: "failed" },
    { changes: { client_aborted: true }, outcome: "aborted" },
  ])("tells $outcome requests apart", ({ changes, outcome }) => {
    expect(drawn(changes).of("outcome")).toBe(outcome);
  });

  it.each(["shadow", "judge", "golden"] as const)("counts a %s with its cost alone", (arm) => {
    const { metrics, of } = drawn({ arm });
    expect([metrics, of("outcome")]).toEqual([["cost_usd"], arm]);
  });

  it("says nothing of other records", () => {
    for (const record of [makeSafetyRecord(), makeLabel()]) {
      expect(dressed(record)).toBe(JSON.stringify(record));
    }
  });
});

describe("the check of such lines", () => {
  const [good] = [dressed(makeRecord())];
  const spoilt = (change: (document: EmfDocument) => void): string => {
    const document = JSON.parse(good) as EmfDocument;
    change(document);
    return JSON.stringify(document);
  };
  const directiveOf = ({ _aws: { CloudWatchMetrics } }: EmfDocument) => {
    const [directive] = CloudWatchMetrics;
    if (directive === undefined) throw new Error("There is no directive");
    return directive;
  };

  it.each<[string, (document: EmfDocument) => void]>([
    ["a dimension that is no text", (each) => (each["route"] = null)],
    ["a metric that is no number", (each) => (each["latency_ms"] = "410")],
    ["a name that no member has", (each) => directiveOf(each).Metrics.push({ Name: "more" })],
    [
      "an unknown unit",
      (each) => directiveOf(each).Metrics.push({ Name: "cost_usd", Unit: "USD" }),
    ],
    ["a time that is no whole number", (each) => (each._aws.Timestamp += 0.5)],
    [
      "too many dimensions",
      (each) => (directiveOf(each).Dimensions = [Array.from({ length: 31 }, () => "route")]),
    ],
    [
      "too many metrics",
      (each) =>
        (directiveOf(each).Metrics = Array.from({ length: 101 }, () => ({ Name: "cost_usd" }))),
    ],
    ["an event that is too long", (each) => (each["padding"] = "x".repeat(1024 * 1024))],
  ])("refuses %s", (_what, change) => {
    expect(emfProblems(good)).toEqual([]);
    expect(emfProblems(spoilt(change))).not.toEqual([]);
  });
});
