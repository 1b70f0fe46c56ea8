import type { BackendEntry } from "../table/index.ts";
import type { ChainLink } from "./choice.ts";

/** A candidate inside the hard limits, with all that choosing and ordering need. */
export interface Candidate extends ChainLink {
  weight: number;
  inEnvelope: boolean;
  /** The share of its recent attempts that failed. */
  failing: number;
  /** What the plan holds it back by; null where there is no plan, or it may not choose it. */
  handicap: number | null;
  /** What the plan compares by: p − λ · expected cost − handicap; null like `handicap`. */
  value: number | null;
}

export type Compare = (left: Candidate, right: Candidate) => number;

/** The best of them; among equals the first, which is the author's order. */
export function best(
  candidates: readonly Candidate[],
  otherwise: Candidate,
  compare: Compare,
): Candidate {
  let found = candidates[0] ?? otherwise;
  for (const candidate of candidates) {
    if (compare(candidate, found) < 0) found = candidate;
  }
  return found;
}

/** Differences of quality or health below a fiftieth are noise, and must not outweigh cost. */
const steps = 50;

/** How probably it serves, and correctly, if called now. */
function serving(candidate: Candidate): number {
  return Math.round(candidate.p * (1 - candidate.failing) * steps);
}

/** Best first: quality before the envelope, since the floor outranks it. */
export function byQuality(left: Candidate, right: Candidate): number {
  return (
    right.p - left.p ||
    Number(right.inEnvelope) - Number(left.inEnvelope) ||
    serving(right) - serving(left) ||
    left.expectedPicoUsd - right.expectedPicoUsd
  );
}

/** Cheapest first; what costs the same is judged by what it gives. */
export function byCost(left: Candidate, right: Candidate): number {
  return left.expectedPicoUsd - right.expectedPicoUsd || byQuality(left, right);
}

/** As the plan values them; what it values alike is judged by quality. */
export function byValue(left: Candidate, right: Candidate): number {
  // Where neither has a value nothing is subtracted from nothing.
  const difference = (right.value ?? -Infinity) - (left.value ?? -Infinity);
  return difference || byQuality(left, right);
}

/** The larger weight first, else the author's order. */
export function byWeight(left: Candidate, right: Candidate): number {
  return right.weight - left.weight;
}

/**
 * How well each would serve once `first` has failed: inside the envelope, then probably answering
 * and correctly, then cheap; on ties one that does not share the provider and region of `first`.
 */
export function fallbackOrder(first: Candidate): Compare {
  return (left, right) =>
    Number(right.inEnvelope) - Number(left.inEnvelope) ||
    serving(right) - serving(left) ||
    left.expectedPicoUsd - right.expectedPicoUsd ||
    shared(left.backend, first.backend) - shared(right.backend, first.backend);
}

/** How much of its fate a backend shares with another: the region's, the provider's. */
function shared(backend: BackendEntry, other: BackendEntry): number {
  return (
    Number(backend.target.region === other.target.region) +
    Number(backend.target.type === other.target.type)
  );
}
