import type { SeriesKey, Signal } from "../series.ts";

const names: Readonly<Record<Signal, string>> = {
  first_token: "The time to first token",
  latency: "The latency",
  input_tokens: "The length of prompts",
  output_tokens: "The length of answers",
  cost: "The cost of a request",
  confidence: "The classifier's confidence",
  finish_reason: "The share of finish reasons",
  refusal: "The share of refusals",
  fallback: "The share of fallbacks",
  error: "The share of errors",
  accuracy: "The accuracy",
};

/** `The latency of large on assistant, tenant acme`. */
export function subjectOf({ route, backend, tenant }: SeriesKey, signal: Signal): string {
  const whose = tenant === null ? "" : `, tenant ${tenant}`;
  return `${names[signal]} of ${backend} on ${route}${whose}`;
}

const digits = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));

/** A value in its signal's unit. */
export function inUnit(value: number, signal: Signal): string {
  if (signal === "cost") return `$${digits(value)}`;
  if (signal === "first_token" || signal === "latency")
    return value < 0.1 ? `${digits(value * 1_000)} ms` : `${digits(value)} s`;
  return signal.endsWith("tokens") ? `${digits(value)} tokens` : digits(value);
}

export const inPercent = (share: number): string =>
  `${Number((share * 100).toPrecision(Math.abs(share) >= 0.1 ? 2 : 1))} %`;

export const inPoints = (share: number): string =>
  `${Number((Math.abs(share) * 100).toFixed(1))} points`;

/** `2026-11-26 00:00 UTC`. */
export const instant = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
