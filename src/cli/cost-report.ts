import { decimalUsd, type CostGroup, type CostKey, type CostSum } from "../records/index.ts";
import { visibleText } from "./visible-text.ts";

declare global {
  interface JSON {
    /** A number with all its digits, which may be more than a double's; Node has it, TypeScript's library does not yet. */
    rawJSON(text: string): unknown;
  }
}

export interface CostReport {
  keys: readonly CostKey[];
  /** In the order in which they are shown. */
  groups: readonly CostGroup[];
  total: CostSum;
  since: Date;
  until: Date;
  folder: string;
  /** Lines and files that could not be read. */
  unread: number;
}

export const costFormats = { table: costTable, json: costJson, csv: costCsv } as const;

/** By time where that is the first key, else the dearest first. */
export function inOrder(groups: readonly CostGroup[], [first]: readonly CostKey[]): CostGroup[] {
  const byTime = first === "day" || first === "hour";
  return groups.toSorted((left, right) => {
    const byCost = left.cost === right.cost ? 0 : left.cost < right.cost ? 1 : -1;
    const byValues = compareValues(left.values, right.values);
    return byTime ? byValues : byCost || byValues;
  });
}

function compareValues(left: CostGroup["values"], right: CostGroup["values"]): number {
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? "";
    if ((value ?? "") !== other) return (value ?? "") < other ? -1 : 1;
  }
  return 0;
}

/** What is told of a sum: a column's name and its exact value; null where nothing could be compared. */
function figuresOf(sum: CostSum): Record<string, number | bigint | null> {
  const compared = sum.baseline > 0n || sum.compared > 0n;
  return {
    requests: sum.requests,
    tokens_in: sum.tokens.in,
    tokens_out: sum.tokens.out,
    tokens_cache_read: sum.tokens.cacheRead,
    tokens_cache_write: sum.tokens.cacheWrite,
    guardrail_units: sum.units,
    cost_usd: sum.cost,
    estimated_usd: sum.estimated,
    allocated_usd: sum.allocated,
    baseline_usd: compared ? sum.baseline : null,
    saved_usd: compared ? sum.baseline - sum.compared : null,
  };
}

function exactText(value: number | bigint | null): string {
  if (value === null) return "";
  return typeof value === "bigint" ? decimalUsd(value) : String(value);
}

/** One object. Amounts are written in all their digits, whatever the reader makes of them. */
function costJson({ keys, groups, total, since, until, folder, unread }: CostReport): string {
  const figures = (sum: CostSum) =>
    Object.fromEntries(
      Object.entries(figuresOf(sum)).map(([name, value]) => [
        name,
        typeof value === "bigint" ? JSON.rawJSON(decimalUsd(value)) : value,
      ]),
    );
  const report = {
    records: folder,
    since: since.toISOString(),
    until: until.toISOString(),
    by: keys,
    groups: groups.map((group) => ({
      ...Object.fromEntries(keys.map((key, index) => [key, group.values[index] ?? null])),
      ...figures(group),
    })),
    total: figures(total),
    unread,
  };
  return JSON.stringify(report, null, 2);
}

/** RFC 4180, with a line for each group and none for the total: sums of sums mislead spreadsheets. */
function costCsv({ keys, groups, total }: CostReport): string {
  const header = [...keys, ...Object.keys(figuresOf(total))];
  const rows = groups.map((group) => [
    ...group.values.map((value) => value ?? ""),
    ...Object.values(figuresOf(group)).map(exactText),
  ]);
  return [header, ...rows].map((row) => row.map(csvField).join(",")).join("\r\n");
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** For people: money in micro-USD, rounded only where it is shown. */
function costTable({ keys, groups, total, since, until }: CostReport): string {
  const header = [...keys, "requests", "tokens in", "tokens out", "cost USD", "estimated", "saved"];
  const rows = groups.map((group) => [
    ...group.values.map((value) => (value === null ? "-" : visibleText(value))),
    ...shown(group),
  ]);
  const sum = [...keys.map((_key, index) => (index === 0 ? "total" : "")), ...shown(total)];
  const lines = aligned([header, ...rows, sum], keys.length);
  const rule = "-".repeat(Math.max(...lines.map((line) => line.length)));
  lines.splice(1, 0, rule);
  lines.splice(-1, 0, rule);
  return `${lines.join("\n")}\n\n${notesOn(total, since, until).join("\n")}`;
}

function shown(sum: CostSum): string[] {
  const { tokens, cost, estimated, baseline, compared } = sum;
  return [
    grouped(String(sum.requests)),
    grouped(String(tokens.in + tokens.cacheRead + tokens.cacheWrite)),
    grouped(String(tokens.out)),
    microUsd(cost),
    share(estimated, cost),
    share(baseline - compared, baseline),
  ];
}

function notesOn(
  { cost, allocated, baseline, compared }: CostSum,
  since: Date,
  until: Date,
): string[] {
  const notes = [`From ${since.toISOString()} to ${until.toISOString()}`];
  if (allocated > 0n) {
    const part = share(allocated, cost);
    notes.push(
      `${microUsd(allocated)} USD (${part}) are shares of instances that are paid by the hour`,
    );
  }
  if (baseline > 0n) {
    const saved = baseline - compared;
    const word = saved < 0n ? "more than" : "below";
    const amount = microUsd(saved < 0n ? -saved : saved);
    notes.push(
      `${amount} USD ${word} what the baselines would have cost: ${microUsd(baseline)} USD`,
    );
  }
  return notes;
}

/** Rounded to whole micro-USD. */
function microUsd(pico: bigint): string {
  const half = pico < 0n ? -500_000n : 500_000n;
  const micro = (pico + half) / 1_000_000n;
  const [whole = "0", fraction = ""] = decimalUsd(micro * 1_000_000n).split(".");
  return `${grouped(whole)}.${fraction.padEnd(6, "0")}`;
}

/** Per cents of a whole, with one decimal; `-` of nothing. */
function share(part: bigint, whole: bigint): string {
  if (whole === 0n) return "-";
  return `${(Number((part * 10_000n) / whole) / 100).toFixed(1)} %`;
}

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ",");

/** @param texts how many of the columns are texts; the others are figures, and stand to the right */
function aligned(rows: readonly (readonly string[])[], texts: number): string[] {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < texts ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
