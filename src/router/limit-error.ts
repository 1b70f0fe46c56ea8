import { ApiError } from "../openai/index.ts";
import {
  rateNames,
  runOutMs,
  type JudgedVerdict,
  type PlannedBudget,
  type TenantPlan,
} from "../tenancy/index.ts";
import type { RequestLimits } from "./request-limits.ts";

/** What a client is told of the limit that refuses it: of its own tenant alone. */
export function limitError(
  limits: RequestLimits,
  verdict: JudgedVerdict,
  refusedBy: number,
): ApiError {
  const { plan, expected } = limits;
  switch (rateNames[refusedBy]) {
    case "requests_per_minute":
      return requestsError(plan, verdict);
    case "tokens_per_minute":
      return tokensError(plan, verdict, expected.tokens);
    case "concurrent":
      return new ApiError(
        "rate_limit_exceeded",
        `Your tenant may have ${plan.concurrent?.max} requests open at a time, and has them: try again once one of them has ended`,
        { headers: { "retry-after": "1" } },
      );
    default:
      return budgetError(limits, verdict, refusedBy - rateNames.length);
  }
}

function requestsError({ requests }: TenantPlan, { requestsLevel }: JudgedVerdict): ApiError {
  const max = requests?.max ?? 1;
  const seconds = wholeSeconds(runOutMs(requestsLevel + 1 - max, max));
  return new ApiError(
    "rate_limit_exceeded",
    `Your tenant may make ${max} requests a minute, and has made them: try again in ${seconds} s`,
    { headers: { "retry-after": String(seconds) } },
  );
}

function tokensError(
  { tokens }: TenantPlan,
  { tokensLevel }: JudgedVerdict,
  needed: number,
): ApiError {
  const max = tokens?.max ?? 1;
  const about = `and this request needs up to about ${needed}`;
  if (needed > max) {
    return new ApiError(
      "rate_limit_exceeded",
      `Your tenant may use ${max} tokens a minute, ${about}: shorten it, or lower max_completion_tokens`,
      { headers: { "x-should-retry": "false" } },
    );
  }
  const seconds = wholeSeconds(runOutMs(tokensLevel + needed - max, max));
  return new ApiError(
    "rate_limit_exceeded",
    `Your tenant may use ${max} tokens a minute, ${about}: try again in ${seconds} s`,
    { headers: { "retry-after": String(seconds) } },
  );
}

/** Nothing comes of asking again before the window is over, and clients must not: they are told so. */
function budgetError(
  { plan, expected }: RequestLimits,
  { used, now, windows }: JudgedVerdict,
  index: number,
): ApiError {
  const budget = plan.budgets[index];
  if (budget === undefined) throw new RangeError(`There is no budget ${index}`);
  const endsAt = windows[index]?.endsAt ?? now;
  const left = Math.max(0, budget.limit - (used[index] ?? 0));
  const anew = `it begins anew at ${localTime(endsAt, budget.entry.timeZone)}`;
  const whole = `Your tenant's budget of ${written(budget, budget.limit)} a ${budget.entry.window.toLowerCase()}`;
  const message =
    left === 0
      ? `${whole} is used up: ${anew}`
      : `${whole} has ${written(budget, left)} left, and this request may need up to ${written(budget, expected[budget.unit])}: lower max_completion_tokens, or wait; ${anew}`;
  return new ApiError("insufficient_quota", message, {
    headers: { "retry-after": String(wholeSeconds(endsAt - now)), "x-should-retry": "false" },
  });
}

function written({ unit }: PlannedBudget, amount: number): string {
  if (unit === "tokens") return `${amount} tokens`;
  // Down to the micro-USD: what is smaller says nothing to anybody.
  return `${(amount / 1e9).toFixed(6).replace(/\.?0+$/, "")} USD`;
}

function localTime(at: number, timeZone: string): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  return zoned.toString({ timeZoneName: "never", smallestUnit: "second" });
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}
