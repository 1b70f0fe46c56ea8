import type { BackendEntry } from "../table/index.ts";
import { costOf, ownGuardrailCost, usualCost, type BilledTokens } from "./cost.ts";
import type { LatencyBook } from "./latency-book.ts";
import type { RequestNeeds } from "./request-needs.ts";

/** What a request would probably take and cost on one backend. */
export interface Estimates {
  firstTokenP95Ms: number;
  /** First token, and a long answer at the usual speed. */
  totalP95Ms: number;
  /** Whole pico-USD, for a long answer, with the backend's own guardrail. */
  costPicoUsd: number;
  inputTokens: number;
  /** A high quantile of the route's answers, bounded by what the request and the backend allow. */
  outputTokens: number;
}

/** @param route name of the route, whose answers' lengths the book knows */
export function estimate(
  backend: BackendEntry,
  needs: RequestNeeds,
  route: string,
  book: LatencyBook,
): Estimates {
  const outputTokens = boundedOutput(backend, needs, book.outputTokens(route));
  const firstTokenP95Ms = book.firstTokenMs(backend, 0.95);
  const totalP95Ms = firstTokenP95Ms + (outputTokens * 1_000) / book.tokensPerSecond(backend);
  const usage = likelyUsage(backend, needs, outputTokens, book);
  const costPicoUsd = costOf(usage, backend, totalP95Ms) + ownGuardrailCost(backend, usage);
  return { firstTokenP95Ms, totalP95Ms, costPicoUsd, inputTokens: needs.inputTokens, outputTokens };
}

/**
 * What a request probably costs on a backend, in whole pico-USD, as a plan weighs it against correctness:
 * for an answer of the expected length, where `costPicoUsd` is for a long one.
 *
 * @param outputTokens expected tokens of the answer, not yet bounded by what request and backend allow
 */
export function expectedCostPicoUsd(
  backend: BackendEntry,
  needs: RequestNeeds,
  outputTokens: number,
  book: LatencyBook,
): number {
  const bounded = boundedOutput(backend, needs, outputTokens);
  return Math.round(usualCost(likelyUsage(backend, needs, bounded, book), backend, book));
}

function boundedOutput(backend: BackendEntry, needs: RequestNeeds, tokens: number): number {
  if (needs.type === "Embeddings") return 0;
  return Math.min(needs.maxOutputTokens ?? Infinity, tokens, backend.maxOutputTokens);
}

/**
 * Where the client marked a prefix for the provider's cache, as much of it is taken to be read from
 * there as lately was, and the rest to be written: before the first hit a mark costs more, not less.
 */
function likelyUsage(
  backend: BackendEntry,
  needs: RequestNeeds,
  output: number,
  book: LatencyBook,
): BilledTokens {
  const caches = needs.cacheableTokens > 0 && backend.capabilities.includes("PromptCaching");
  const cacheable = caches ? needs.cacheableTokens : 0;
  const cacheRead = caches ? Math.round(cacheable * book.cacheReadShare(backend.name)) : 0;
  const input = needs.inputTokens - cacheable;
  return { input, output, cacheRead, cacheWrite5m: cacheable - cacheRead, cacheWrite1h: 0 };
}
