import { levelAt, type Bucket } from "./leaky-bucket.ts";
import type { Claim, Amounts, BudgetCheck } from "./limit-store.ts";

/** How things stand for a tenant before a claim. */
export interface Standing {
  now: number;
  requests: Bucket;
  tokens: Bucket;
  open: number;
  /** By budget of the claim: spent and reserved. */
  used: readonly number[];
}

export interface Judged {
  refusedBy: number | null;
  downgraded: boolean;
  amounts: Amounts;
  exceeded: number[];
}

/**
 * Which limits have no room for a claim, and whether that refuses it. The script of the shared
 * store says the same in Lua; a test holds the two to it.
 */
export function judgeClaim(claim: Claim, standing: Standing): Judged {
  const { budgets, cheapest } = claim;
  const hasRoom = (amounts: Amounts) => (budget: BudgetCheck, index: number) =>
    (standing.used[index] ?? 0) + amounts[budget.unit] <= budget.limit;
  const fits = budgets.map(hasRoom(claim.amounts));
  const downgraded =
    cheapest !== null && budgets.some(({ mode }, index) => mode === "Downgrade" && !fits[index]);
  const amounts = downgraded ? cheapest : claim.amounts;
  const room = [...roomOfRates(claim, standing, amounts), ...budgets.map(hasRoom(amounts))];
  const exceeded: number[] = [];
  let refusedBy: number | null = null;
  for (const [index, has] of room.entries()) {
    const budget = budgets[index - rates];
    // What a Downgrade budget had no room for is said although the cheapest fits.
    if (has && !(budget?.mode === "Downgrade" && !fits[index - rates])) continue;
    exceeded.push(index);
    if (refuses(claim, index)) refusedBy ??= index;
  }
  return { refusedBy, downgraded, amounts, exceeded };
}

const rates = 3;

function roomOfRates(
  { requests, tokens, concurrent }: Claim,
  standing: Standing,
  amounts: Amounts,
): boolean[] {
  const { now } = standing;
  return [
    requests === null || levelAt(standing.requests, requests.max, now) + 1 <= requests.max,
    tokens === null || levelAt(standing.tokens, tokens.max, now) + amounts.tokens <= tokens.max,
    concurrent === null || standing.open + 1 <= concurrent.max,
  ];
}

function refuses({ requests, tokens, concurrent, budgets }: Claim, index: number): boolean {
  const bound = [requests, tokens, concurrent][index];
  if (index < rates) return bound?.observed === false;
  return budgets[index - rates]?.mode === "Reject";
}
