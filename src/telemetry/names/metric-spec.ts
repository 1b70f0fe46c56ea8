import type { AttributeName } from "./attributes.ts";

export interface MetricSpec {
  kind: "counter" | "updowncounter" | "gauge" | "histogram";
  unit: string;
  description: string;
  required: readonly AttributeName[];
  optional: readonly AttributeName[];
  /** Of a histogram: upper bounds on `/metrics`. On OTLP histograms are exponential. */
  boundaries?: readonly number[];
}

/** From `first`, each `factor` times the one before it. */
export const growingFrom = (first: number, factor: number, length: number): number[] =>
  Array.from({ length }, (_, index) => Number((first * factor ** index).toPrecision(12)));

export const doublingFrom = (first: number, length: number): number[] =>
  growingFrom(first, 2, length);
