// Writes the tables of docs/records.md and docs/telemetry.md from the code that they describe, and the
// README's of speed from the run that docs/bench.json keeps, each between its markers. `--check` writes
// nothing and ends with 1 where one is stale.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import bench from "../docs/bench.json" with { type: "json" };
import {
  labelRecordSchema,
  requestRecordSchema,
  safetyRecordSchema,
} from "../src/records/index.ts";
import {
  attributes,
  conventionsVersion,
  events,
  emfDimensions,
  emfMetrics,
  logKeys,
  type MetricSpec,
  metrics,
  spans,
} from "../src/telemetry/index.ts";
import { speedTables } from "./bench/speed-tables.ts";

type Row = readonly string[];

const code = (text: string): string => `\`${text}\``;

export function table(head: Row, rows: readonly Row[]): string {
  const cells = [head, ...rows].map((row) =>
    row.map((cell) => cell.replaceAll("|", String.raw`\|`)),
  );
  const widths = head.map((_, column) =>
    Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: Row) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const [first = [], ...rest] = cells;
  return [line(first), line(widths.map((width) => "-".repeat(width))), ...rest.map(line)].join(
    "\n",
  );
}

interface Property {
  type?: string;
  const?: unknown;
  enum?: readonly string[];
  description?: string;
  anyOf?: readonly Property[];
  properties?: Readonly<Record<string, Property>>;
  items?: Property;
}

/** The fields of an object, those of nested objects after their own. */
function fieldRows(prefix: string, { properties = {} }: Property): Row[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const [whole, ending] = withoutNull(property);
    const path = `${prefix}${name}`;
    const meaning = property.description ?? whole.description ?? "";
    const own = [code(path), `${typeOf(whole)}${ending}`, meaning];
    if (whole.type === "object") return [own, ...fieldRows(`${path}.`, whole)];
    return [own, ...fieldRows(`${path}[].`, whole.items ?? {})];
  });
}

function withoutNull(property: Property): readonly [whole: Property, ending: string] {
  const whole = property.anyOf?.find(({ type }) => type !== "null");
  return whole === undefined ? [property, ""] : [whole, " or null"];
}

function typeOf({ const: value, enum: values, type, items }: Property): string {
  if (value !== undefined) return code(JSON.stringify(value));
  if (values !== undefined) return values.map(code).join(", ");
  return type === "array" ? `array of ${items?.type}s` : (type ?? "");
}

const listed = (names: readonly string[]): string => names.map(code).join(", ");

const spanRows = Object.entries(spans).map(([id, { name, kind, parent, required, optional }]) => [
  id,
  code(name),
  kind,
  parent,
  listed(required),
  listed(optional),
]);

const bounds = ({ boundaries = [] }: MetricSpec): string => {
  const [first, second] = boundaries;
  if (first === undefined || second === undefined) return "";
  return `${first}, ×${second / first} … ${boundaries.at(-1)}`;
};

const metricRows = Object.entries<MetricSpec>(metrics).map(([name, spec]) => [
  code(name),
  spec.kind,
  code(spec.unit),
  spec.description,
  listed(spec.required),
  listed(spec.optional),
  bounds(spec),
]);

const speed = speedTables(bench);

/** By document and marker. */
const tables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "README.md": {
    speed: [
      speed.measured,
      table(speed.whole.head, speed.whole.rows),
      table(speed.streamed.head, speed.streamed.rows),
    ].join("\n\n"),
  },
  "docs/exporting.md": {
    "emf dimensions": table(
      ["Dimension", "Meaning"],
      Object.entries(emfDimensions).map(([name, meaning]) => [code(name), meaning]),
    ),
    "emf metrics": table(
      ["Metric", "Unit", "Meaning"],
      Object.entries(emfMetrics).map(([name, { unit, description }]) => [
        code(name),
        unit,
        description,
      ]),
    ),
  },
  "docs/records.md": {
    fields: table(
      ["Field", "Type", "Meaning"],
      fieldRows("", z.toJSONSchema(requestRecordSchema) as Property),
    ),
    safety: table(
      ["Field", "Type", "Meaning"],
      fieldRows("", z.toJSONSchema(safetyRecordSchema) as Property),
    ),
    labels: table(
      ["Field", "Type", "Meaning"],
      fieldRows("", z.toJSONSchema(labelRecordSchema) as Property),
    ),
  },
  "docs/telemetry.md": {
    version: `The names follow version ${conventionsVersion} of the OpenTelemetry semantic conventions.`,
    spans: table(["Span", "Name", "Kind", "Parent", "Always", "Where known"], spanRows),
    events: table(
      ["Event", "Meaning", "Beside", "Always", "Where known"],
      Object.entries(events).map(([name, { description, parent, required, optional }]) => [
        code(name),
        description,
        parent,
        listed(required),
        listed(optional),
      ]),
    ),
    attributes: table(
      ["Attribute", "Type", "Meaning"],
      Object.entries(attributes).map(([name, { type, description }]) => [
        code(name),
        type,
        description,
      ]),
    ),
    metrics: table(
      ["Metric", "Kind", "Unit", "Meaning", "Always", "Where known", "Boundaries on `/metrics`"],
      metricRows,
    ),
    "log keys": table(
      ["Key", "Meaning"],
      Object.entries(logKeys).map(([key, meaning]) => [code(key), meaning]),
    ),
  },
};

/** The document with its tables as the code has them. @throws Error where a marker is missing */
export function withTables(document: string, text: string): string {
  let result = text;
  for (const [marker, content] of Object.entries(tables[document] ?? {})) {
    const start = `<!-- ${marker}: generated by scripts/doc-tables.ts -->`;
    const end = `<!-- /${marker} -->`;
    const from = result.indexOf(start);
    const to = result.indexOf(end);
    if (from < 0 || to < from) throw new Error(`${document} lacks ${start} … ${end}`);
    result = `${result.slice(0, from)}${start}\n\n${content}\n\n${result.slice(to)}`;
  }
  return result;
}

/** Documents whose tables differ from the code. */
export function staleDocuments(root: string): string[] {
  return Object.keys(tables).filter((document) => {
    const text = readFileSync(resolve(root, document), "utf8");
    return withTables(document, text) !== text;
  });
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, "..");
  const stale = staleDocuments(root);
  if (process.argv.includes("--check")) {
    for (const document of stale)
      process.stderr.write(`${document} is stale: node scripts/doc-tables.ts\n`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    for (const document of stale) {
      const path = resolve(root, document);
      writeFileSync(path, withTables(document, readFileSync(path, "utf8")));
    }
  }
}
