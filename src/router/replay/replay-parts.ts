import { BackendHealth, LatencyBook } from "../../routing/index.ts";
import { AttemptBudgets } from "../attempt-budgets.ts";
import { CandidateShares } from "../candidate-shares.ts";
import type { RouterParts } from "../parts.ts";

/**
 * The router's parts with a memory of their own for replays. An exam is no traffic: it must not teach how
 * long a route's answers are, eject a backend because the exam was too much for it, or earn and spend the
 * route's retries. The places at a backend are shared: whoever bounds its calls means all of them.
 */
export function replayParts(parts: RouterParts): RouterParts {
  const { clock, random } = parts;
  return {
    ...parts,
    book: new LatencyBook(clock),
    health: new BackendHealth(clock, random),
    budgets: new AttemptBudgets(clock),
    shares: new CandidateShares(clock),
  };
}
