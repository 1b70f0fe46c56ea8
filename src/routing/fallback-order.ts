import type { BackendEntry } from "../table/index.ts";
import type { ChainLink } from "./choice.ts";

/** A candidate inside the hard limits, with all that ordering needs. */
export interface Candidate extends ChainLink {
  weight: number;
  inEnvelope: boolean;
  /** The share of its recent attempts that failed. */
  failing: number;
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
    left.estimates.costPicoUsd - right.estimates.costPicoUsd
  );
}

/** Cheapest first; what costs the same is judged by what it gives. */
export function byCost(left: Candidate, right: Candidate): number {
  return left.estimates.costPicoUsd - right.estimates.costPicoUsd || byQuality(left, right);
}

/** The larger weight first, else the author's order. */
export function byWeight(left: Candidate, right: Candidate): number {
  return right.weight - left.weight;
}

/**
 * How well each would serve once `first` has failed: inside the envelope, then probably answering
 * and correctly, then cheap; on ties one that does not share the provider and region of `first`.
 */
export function fallbackOrder(first: Candidate): (left: Candidate, right: Candidate) => number {
  return (left, right) =>
    Number(right.inEnvelope) - Number(left.inEnvelope) ||
    serving(right) - serving(left) ||
    left.estimates.costPicoUsd - right.estimates.costPicoUsd ||
    shared(left.backend, first.backend) - shared(right.backend, first.backend);
}

/** How much of its fate a backend shares with another: the region's, the provider's. */
function shared(backend: BackendEntry, other: BackendEntry): number {
  return (
    Number(backend.target.region === other.target.region) +
    Number(backend.target.type === other.target.type)
  );
}
