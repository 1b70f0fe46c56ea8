import { availableParallelism, loadavg } from "node:os";
import type { Firing } from "./firings.ts";
import type { Found } from "./run-incident.ts";

/** What `npm run eval:incidents -- --json FILE` writes. docs/alerts.md tells what each key means. */
export interface Report {
  date: string;
  cores: number;
  load: number;
  scrapeSeconds: number;
  /** Of the whole run. */
  seconds: number;
  incidents: Readonly<Record<string, Found>>;
  /** Alerts that no incident explains, those of the quiet time before them included. */
  unexplained: { alert: string; labels: Readonly<Record<string, string>> }[];
}

interface Run {
  scrapeSeconds: number;
  seconds: number;
  incidents: Readonly<Record<string, Found>>;
  unexplained: readonly Firing[];
}

export const reportOf = ({ scrapeSeconds, seconds, incidents, unexplained }: Run): Report => ({
  date: new Date().toISOString().slice(0, 10),
  cores: availableParallelism(),
  load: loadavg()[0] ?? 0,
  scrapeSeconds,
  seconds: Math.round(seconds),
  incidents,
  unexplained: unexplained.map(({ alert, labels }) => ({ alert, labels })),
});

/** What keeps the run from being a success, in sentences. */
export function problemsOf({ incidents, unexplained }: Report): string[] {
  const problems = Object.entries(incidents).flatMap(([name, found]) => problemOf(name, found));
  const noise = unexplained.map(
    ({ alert, labels }) => `${alert} fired though nothing was wrong: ${JSON.stringify(labels)}`,
  );
  return [...problems, ...noise];
}

function problemOf(name: string, found: Found): string[] {
  const { alert, seconds, withinSeconds, resolvedSeconds, goneWithinSeconds } = found;
  if (alert === null || seconds === null)
    return [`${name} was not found: its alert did not fire within ${withinSeconds} s`];
  if (seconds > withinSeconds)
    return [`${name} was found by ${alert} after ${seconds} s, and ${withinSeconds} s are allowed`];
  if (resolvedSeconds !== null || goneWithinSeconds === null) return [];
  return [`${name} has been over for ${goneWithinSeconds} s, and ${alert} fires still`];
}

const columns = [
  "incident",
  "alert",
  "tier",
  "found",
  "resolved",
  "clients' errors",
  "first byte p50/p90/p99 before",
  "during",
];

/** For people, on a terminal and in docs/alerts.md. */
export function reportLines({
  date,
  cores,
  load,
  incidents,
  seconds,
  scrapeSeconds,
}: Report): string[] {
  const rows = Object.entries(incidents).map(([name, found]) => rowOf(name, found));
  const widths = columns.map((column, at) =>
    Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const others = Object.entries(incidents).flatMap(([name, found]) => othersOf(name, found));
  return [
    `${date}, ${cores} cores that everything here shares, load ${load.toFixed(1)}, ${seconds} s, scraped every ${scrapeSeconds} s`,
    "",
    line(columns),
    line(widths.map((width) => "-".repeat(width))),
    ...rows.map(line),
    "",
    ...others,
  ];
}

function rowOf(name: string, { alert, tier, seconds, resolvedSeconds, clients }: Found): string[] {
  const time = (value: number | null) => (value === null ? "–" : `${value} s`);
  return [
    name,
    alert ?? "NOT FOUND",
    tier ?? "–",
    time(seconds),
    time(resolvedSeconds),
    `${clients.errors} of ${clients.requests}`,
    firstBytes(clients.firstByteBeforeMs),
    firstBytes(clients.firstByteMs),
  ];
}

const firstBytes = (times: Found["clients"]["firstByteMs"]): string =>
  times === null ? "–" : `${times.p50}/${times.p90}/${times.p99} ms`;

function othersOf(name: string, { others }: Found): string[] {
  if (others.length === 0) return [];
  return [
    `besides, ${name}: ${others.map(({ alert, seconds }) => `${alert} ${seconds} s`).join(", ")}`,
  ];
}
