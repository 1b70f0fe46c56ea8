import { ApiError } from "../openai/index.ts";
import { downgrade, type Choice } from "../routing/index.ts";
import type { BackendEntry, TenantEntry } from "../table/index.ts";
import type { Amounts, Expected, Reserved, Verdict } from "../tenancy/index.ts";
import type { AttemptKind } from "./attempt.ts";
import { expectedAmounts } from "./expected-amounts.ts";
import { limitError } from "./limit-error.ts";
import { prospectOf } from "./make-attempt.ts";
import type { Step } from "./next-step.ts";
import type { RouterParts } from "./parts.ts";
import { hold, type RequestLimits } from "./request-limits.ts";
import type { RoutedRequest } from "./route-stage.ts";

/** What is done after the last byte, and after the route's total timeout, takes no longer. */
const graceMs = 30_000;

/**
 * Holds the request against its tenant's limits, and reserves what its first attempt will probably use: one
 * question to the store, and none where the tenant has no limits. Notes in `routed` what came of it; a
 * budget that downgrades puts the cheapest candidate first.
 *
 * @returns a promise only where the store has to be waited for
 * @throws ApiError `rate_limit_exceeded`, `insufficient_quota`, or `limits_unavailable`, also by the promise
 */
export function limit(routed: RoutedRequest, parts: RouterParts): Promise<void> | undefined {
  const { tenant, choice } = routed;
  const [link] = choice.chain;
  if (tenant === null || link === undefined || !parts.limits.concern(tenant)) return undefined;
  const { backend } = link;
  const amounts = amountsAt(backend, routed, parts);
  // Most tenants have no budget that asks for it.
  let cheaper: Cheaper | undefined;
  const findCheapest = () => {
    cheaper = cheaperOf(routed, parts);
    return cheaper.amounts;
  };
  const reserved = parts.limits.reserve(
    askerOf(routed, tenant),
    { amounts, cheapest: findCheapest, leaseMs: leaseOf(routed, parts) },
    true,
  );
  if (reserved === null) return undefined;
  const heed = (result: Reserved): undefined => {
    const downgraded = result.verdict.kind === "judged" && result.verdict.downgraded;
    const taken = downgraded ? cheaper : undefined;
    note(routed, tenant, result, { backend, amounts, ...taken });
    if (taken === undefined) return;
    routed.choice = taken.choice;
    parts.shares.giveBack(routed.route, backend);
    parts.shares.spend(routed.route, taken.backend);
  };
  return reserved instanceof Promise ? reserved.then(heed) : heed(reserved);
}

interface Cheaper {
  choice: Choice;
  backend: BackendEntry;
  amounts: Amounts;
}

function cheaperOf(routed: RoutedRequest, parts: RouterParts): Cheaper {
  const choice = downgrade(routed.choice);
  const [link] = choice.chain;
  if (link === undefined) throw new RangeError("The chain is empty");
  return { choice, backend: link.backend, amounts: amountsAt(link.backend, routed, parts) };
}

/** @throws ApiError where the first attempt may not be made */
function note(
  routed: RoutedRequest,
  tenant: TenantEntry,
  reserved: Reserved,
  { backend, amounts }: { backend: BackendEntry; amounts: Amounts },
): void {
  const { verdict, plan } = reserved;
  const limits: RequestLimits = {
    plan,
    verdict,
    expected: amounts,
    exceeded: new Set(),
    held: null,
    place: reserved.reservation,
    reservedNanoUsd: 0,
    denied: null,
  };
  routed.limits = limits;
  hold(limits, reserved, { backend, amounts });
  if (tenant.enforcement === "Observe") noteObserved(routed, limits);
  const refusal = refusalOf(limits, verdict, tenant);
  if (refusal !== undefined) throw refusal;
}

/** What the verdict means for the client; undefined where the attempt may be made. */
function refusalOf(
  limits: RequestLimits,
  verdict: Verdict,
  { storeFailure, enforcement }: TenantEntry,
): ApiError | undefined {
  if (verdict.kind === "judged") {
    return verdict.refusedBy === null ? undefined : limitError(limits, verdict, verdict.refusedBy);
  }
  if (storeFailure === "FailOpen" || enforcement === "Observe") return undefined;
  return new ApiError(
    "limits_unavailable",
    "Your tenant's limits cannot be counted at the moment, and it is not served uncounted; try again in a moment",
    { headers: { "retry-after": "1" } },
  );
}

/** What the policy would have refused, were it enforced. */
function noteObserved({ wouldRefuse }: RoutedRequest, { plan, exceeded }: RequestLimits): void {
  for (const name of exceeded) {
    const budget = plan.budgets.find((each) => each.name === name);
    if (budget === undefined || budget.entry.onExceeded === "Reject") wouldRefuse.push(name);
  }
}

/**
 * Reserves what a further attempt will probably use. The first one's is reserved already, unless another
 * backend is to be called for more than that.
 *
 * @returns whether the attempt may be made; a promise only where the store has to be waited for
 * @throws ApiError, also by the promise, as `limit` does where it is the first attempt
 */
export function reserveAttempt(
  { backend, kind }: Step,
  routed: RoutedRequest,
  parts: RouterParts,
): boolean | Promise<boolean> {
  const { limits, tenant } = routed;
  if (limits === undefined || tenant === null) return true;
  if (kind === "hedge" && isDowngraded(limits)) return deny(limits, kind);
  const amounts = amountsAt(backend, routed, parts);
  if (limits.held !== null && covers(limits.held.amounts, amounts)) return true;
  const expected: Expected = { amounts, cheapest: null, leaseMs: leaseOf(routed, parts) };
  const reserved = parts.limits.reserve(askerOf(routed, tenant), expected, false);
  if (reserved === null) return true;
  const take = (result: Reserved) => {
    hold(limits, result, { backend, amounts });
    const refusal = refusalOf({ ...limits, expected: amounts }, result.verdict, tenant);
    if (refusal === undefined) return true;
    // Nothing has been tried that could have told the client more.
    if (kind === "first") throw refusal;
    return deny(limits, kind);
  };
  return reserved instanceof Promise ? reserved.then(take) : take(reserved);
}

function isDowngraded({ verdict }: RequestLimits): boolean {
  return verdict.kind === "judged" && verdict.downgraded;
}

function deny(limits: RequestLimits, kind: AttemptKind): false {
  limits.denied = kind;
  return false;
}

function covers(held: Amounts, wanted: Amounts): boolean {
  return held.nanoUsd >= wanted.nanoUsd && held.tokens >= wanted.tokens;
}

function amountsAt(backend: BackendEntry, routed: RoutedRequest, parts: RouterParts): Amounts {
  return expectedAmounts(backend, routed.needs, prospectOf(backend, routed, parts).estimates);
}

function askerOf({ snapshot }: RoutedRequest, tenant: TenantEntry) {
  return { namespace: snapshot.table.group.namespace, tenant };
}

/** Attempts end with the route's total timeout, and a request once its client has taken what was sent. */
function leaseOf({ route }: RoutedRequest, { settings }: RouterParts): number {
  return route.fallback.totalTimeoutMs + settings.clientStallMs + graceMs;
}
