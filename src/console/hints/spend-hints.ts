import type { BudgetRow } from "../console-view.ts";
import { dollars, limitInWords, percent } from "./in-words.ts";
import { hint, type Look } from "./situation.ts";

const nearlySpent = 0.9;
/** So many requests must have been compared before it is said that a baseline would have been cheaper. */
const leastCompared = 100;
const dearerShare = -0.02;
/** Less than that is nobody's business at night. */
const leastDearerUsd = 1;

export const budgetsSpent: Look = ({ spend, facts }) =>
  spend.flatMap(({ tenant, budgets }) =>
    budgets
      .filter(({ share }) => share >= nearlySpent)
      .map((budget) => {
        // What is left may be too little for another request: then it is spent, too.
        const refuses = facts.traffic.requests.some(
          ({ tenant: of, limits }) => of === tenant && limits?.refused_by === budget.limit,
        );
        return budgetHint(tenant, budget, refuses || budget.share >= 1);
      }),
  );

const consequences = {
  Reject: "its requests are refused with 429 until the window ends",
  Downgrade: "the cheapest candidate serves it until the window ends",
  Observe: "nothing is refused: the budget only observes",
} as const;

function budgetHint(tenant: string, budget: BudgetRow, isSpent: boolean): ReturnType<Look>[number] {
  const { limit, unit, used, most, share, onExceeded } = budget;
  const amount = (value: number) =>
    unit === "USD" ? dollars(value) : `${Math.round(value).toLocaleString("en-US")} tokens`;
  const figures = `${percent(share)} of its ${limitInWords(limit)} (${amount(used)} of ${amount(most)})`;
  const advice =
    "Raise the budget in its TenantPolicy, or ask the tenant; switchyard costs tells what it was spent on";
  const sentence = isSpent
    ? `Tenant ${tenant} has spent ${figures}: ${consequences[onExceeded]}`
    : `Tenant ${tenant} has used ${figures}`;
  const severity = isSpent && onExceeded === "Reject" ? "urgent" : "warning";
  const code = isSpent ? "budget_spent" : "budget_nearly_spent";
  return hint(severity, code, [sentence, advice], { tenant });
}

export const dearerThanBaseline: Look = ({ routes, facts }) =>
  routes
    .filter(({ route, savedShare, baselineUsd }) => {
      const requests = facts.traffic.routes.get(route)?.requests ?? 0;
      const share = savedShare ?? 0;
      return (
        requests >= leastCompared && share < dearerShare && -share * baselineUsd >= leastDearerUsd
      );
    })
    .map(({ route, savedShare, costUsd, baselineUsd }) =>
      hint(
        "notice",
        "dearer_than_baseline",
        [
          `Route ${route} has cost ${percent(-(savedShare ?? 0))} more than its baseline alone would have (${dollars(costUsd)} instead of ${dollars(baselineUsd)}) since this router began`,
          "Fallbacks, hedges and failed attempts are paid for, too, and a slow model of your own by the time it takes",
        ],
        { route },
      ),
    );
