import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { staleDocuments, withTables } from "../../../scripts/doc-tables.ts";
import { requestRecordSchema } from "../../../src/records/index.ts";
import { attributes, events, metrics, spans } from "../../../src/telemetry/index.ts";
import { makeRecord } from "../../support/observations.ts";

const root = resolve(import.meta.dirname, "../../..");

describe("the documents of records and telemetry", () => {
  it("have the tables that the code has (node scripts/doc-tables.ts)", () => {
    expect(staleDocuments(root)).toEqual([]);
  });

  it("would be found stale with one word changed", () => {
    const text = readFileSync(resolve(root, "docs/telemetry.md"), "utf8");
    const changed = text.replace("switchyard.fallbacks", "switchyard.fallback");
    expect(changed).not.toBe(text);
    expect(withTables("docs/telemetry.md", changed)).toBe(text);
  });
});

describe("the table of names", () => {
  const specs = [spans, metrics, events].flatMap((sheet) => Object.values(sheet));
  const used = specs.flatMap((spec) => [...spec.required, ...spec.optional]);

  it("has no attribute that nothing carries", () => {
    const carried = new Set<string>([...used, "otel.metric.overflow"]);
    expect(Object.keys(attributes).filter((name) => !carried.has(name))).toEqual([]);
  });

  it("names no attribute twice for one span, metric or event", () => {
    for (const spec of specs) {
      const names = [...spec.required, ...spec.optional];
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it("labels no metric with a request, a key, an answer or anything a client writes", () => {
    const labels = Object.values(metrics).flatMap((spec) => [...spec.required, ...spec.optional]);
    for (const name of [
      "switchyard.request.id",
      "aws.request_id",
      "gen_ai.response.id",
      "url.path",
    ]) {
      expect(labels).not.toContain(name);
    }
  });

  it("bounds histograms as the conventions advise", () => {
    const doubling = metrics["gen_ai.client.operation.duration"].boundaries;
    expect([doubling[0], doubling[1], doubling.at(-1)]).toEqual([0.01, 0.02, 81.92]);
    const tokens = metrics["gen_ai.client.token.usage"].boundaries;
    expect([tokens[0], tokens[1], tokens.at(-1)]).toEqual([1, 4, 67_108_864]);
  });
});

describe("the record's schema", () => {
  it("accepts a whole record and refuses one that lacks any key", () => {
    const record = makeRecord();
    expect(requestRecordSchema.parse(record)).toEqual(record);
    for (const key of Object.keys(requestRecordSchema.shape)) {
      const { [key as keyof typeof record]: _left, ...rest } = record;
      expect(requestRecordSchema.safeParse(rest).success, key).toBe(false);
    }
  });
});
