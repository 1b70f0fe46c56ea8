import type { Histogram } from "./histogram.ts";

/** In s, s, tokens, tokens, USD and 0 … 1. */
export type DistributionSignal =
  | "first_token"
  | "latency"
  | "input_tokens"
  | "output_tokens"
  | "cost"
  | "confidence";

/** Counts of requests by category. */
export type ShareSignal = "finish_reason" | "refusal" | "fallback" | "error";

export type Signal = DistributionSignal | ShareSignal | "accuracy";

/** What is watched for itself, within one namespace and class. Tenant null: all of them together. */
export interface SeriesKey {
  route: string;
  backend: string;
  tenant: string | null;
}

/** [from, to) in ms since the epoch. Windows are days (or what the caller asks), the newest last. */
export interface Window {
  from: number;
  to: number;
}

export interface DistributionSeries {
  key: SeriesKey;
  signal: DistributionSignal;
  /** One for each window; null: nothing is known of it. */
  windows: readonly (Histogram | null)[];
}

export interface ShareSeries {
  key: SeriesKey;
  signal: ShareSignal;
  /** How many requests of each window fell into each category, all of them together being all requests. */
  windows: readonly (Readonly<Record<string, number>> | null)[];
}

/** A judgement of one answer, 0 to 1. */
export interface AccuracyLabel {
  /** Tenant: whose request it was; null: nobody's, as of a golden set. A series under no tenant has the labels of all. */
  key: SeriesKey;
  /** ms since the epoch. */
  ts: number;
  score: number;
  source: "golden" | "shadow" | "feedback";
  /** The prompt of a golden set, else the request. */
  promptId: string;
  /** The same prompt's score by the route's baseline, where it has one. */
  baselineScore: number | null;
}

export type MixFact = "model" | "region" | "tenant" | "prompt_length";

/** The requests of one category within a window. */
export interface MixCell {
  count: number;
  /** Arithmetic means over these requests, in the signal's unit, as far as the source can tell. */
  means: Readonly<Partial<Record<DistributionSignal, number>>>;
}

/** Facts for the guess at a cause: what each window's requests looked like. */
export interface MixSeries {
  key: SeriesKey;
  fact: MixFact;
  windows: readonly (Readonly<Record<string, MixCell>> | null)[];
}
