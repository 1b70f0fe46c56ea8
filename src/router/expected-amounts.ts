import { costOf, ownGuardrailCost, type Estimates, type RequestNeeds } from "../routing/index.ts";
import type { BackendEntry } from "../table/index.ts";
import type { Amounts } from "../tenancy/index.ts";
import { amountsOf } from "./request-limits.ts";

/** Lengths tell tokens roughly, and too few of code: a third on top covers what is common. */
const inputMargin = 4 / 3;

/**
 * What an attempt is expected to use at most, to be reserved: its input with a margin, and as much output
 * as the request allows. Where the request allows any, a high quantile of the route's answers: the most
 * that the model could write would shut out nearly all that a small budget has room for. What is to be
 * cached counts at the dearest price it may have.
 */
export function expectedAmounts(
  backend: BackendEntry,
  needs: RequestNeeds,
  { outputTokens: usual, totalP95Ms }: Estimates,
): Amounts {
  const input = Math.ceil(needs.inputTokens * inputMargin);
  const output = outputOf(backend, needs, usual);
  const cacheWrite = backend.capabilities.includes("PromptCaching")
    ? Math.min(input, Math.ceil(needs.cacheableTokens * inputMargin))
    : 0;
  const usage = {
    input: input - cacheWrite,
    output,
    cacheRead: 0,
    cacheWrite5m: 0,
    cacheWrite1h: cacheWrite,
  };
  const cost = costOf(usage, backend, totalP95Ms) + ownGuardrailCost(backend, usage);
  return amountsOf(cost, input + output);
}

function outputOf(backend: BackendEntry, needs: RequestNeeds, usual: number): number {
  if (needs.type === "Embeddings") return 0;
  return Math.ceil(Math.min(needs.maxOutputTokens ?? usual, backend.maxOutputTokens));
}
