import {
  distinctWindows,
  type BudgetCheck,
  type Claim,
  type ClaimReply,
  type Settlement,
  type Unit,
  type WindowOfBudget,
} from "../limit-store.ts";

const unitLetter: Record<Unit, string> = { nanoUsd: "n", tokens: "t" };

/** In the order in which the script reads them. */
export function claimArguments(claim: Claim): (string | number)[] {
  const { attempt, amounts, cheapest, requests, tokens, concurrent, leaseMs } = claim;
  const bounds = [requests, tokens, concurrent].flatMap((bound) => [
    bound?.max ?? 0,
    bound?.observed === true ? 1 : 0,
  ]);
  return [
    attempt,
    leaseMs,
    amounts.nanoUsd,
    amounts.tokens,
    cheapest?.nanoUsd ?? "",
    cheapest?.tokens ?? "",
    ...bounds,
    ...claim.budgets.flatMap(budgetArguments),
  ];
}

function budgetArguments({ id, startsAt, endsAt, limit, unit, mode }: BudgetCheck) {
  return [id, startsAt, endsAt, limit, unitLetter[unit], mode.charAt(0)];
}

export function settlementArguments(settlement: Settlement): (string | number)[] {
  const { attempt, amounts, tokensPerMinute, windows } = settlement;
  return [
    attempt,
    amounts.nanoUsd,
    amounts.tokens,
    tokensPerMinute ?? 0,
    ...distinctWindows(windows).flatMap(({ id, startsAt, endsAt, unit }: WindowOfBudget) => [
      `${id}@${startsAt}`,
      endsAt,
      unitLetter[unit],
    ]),
  ];
}

/** The server's clock, in milliseconds since the epoch, which every script's reply begins with. */
export const clockOf = (reply: readonly string[]): number => Number(reply[1]);

/** @throws TypeError where the reply is none of the script's */
export function readClaimReply(reply: readonly string[]): ClaimReply {
  const [kind, now, refusedBy, downgraded, exceeded, requests, tokens, open, ...used] = reply;
  if (kind === "moved") return { kind };
  if (kind !== "counted") throw new TypeError(`The script answered ${String(kind)}`);
  return {
    kind,
    now: Number(now),
    refusedBy: refusedBy === "" ? null : Number(refusedBy),
    downgraded: downgraded === "1",
    exceeded: exceeded === "" ? [] : (exceeded ?? "").split(",").map(Number),
    requestsLevel: Number(requests),
    tokensLevel: Number(tokens),
    open: Number(open),
    used: used.map(Number),
  };
}
