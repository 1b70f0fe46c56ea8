import type { Finding, ResourceRef } from "../api/index.ts";
import type { BackendEntry, RouteEntry, TenantEntry } from "../table/index.ts";
import type { Alike } from "./alike-routes.ts";
import { judge } from "./judgement.ts";
import { onceEach } from "./once-each.ts";
import { withheldBy } from "./permission.ts";

/** What a router takes for a long answer until it knows a route's own. */
const usualAnswer = 512;

interface Callable {
  /** The routes that the tenant may call. */
  groups: readonly Alike<RouteEntry>[];
  backends: ReadonlyMap<string, BackendEntry>;
}

/** The least that a request takes that does not bound its answer. */
interface Least {
  /** Pico-USD, at the cheapest of the backends that may serve it. */
  cost: number;
  tokens: number;
}

/** Limits that leave no room for a single usual request, wherever it is served: all of them are refused. */
export function adviseOnAmounts(ref: ResourceRef, tenant: TenantEntry, scope: Callable): Finding[] {
  const least = isBounded(tenant) ? leastOf(tenant, scope) : undefined;
  if (least === undefined) return [];
  const small = tenant.budgets.flatMap(({ microUsd, tokens, onExceeded }, index) => {
    // Another budget lets the request pass, as its author has asked for.
    if (onExceeded !== "Reject") return [];
    const path = `spec.budgets[${index}]`;
    return [
      ...tooFewUsd(ref, microUsd, least, `${path}.usd`),
      ...tooFewTokens(ref, tokens, least, `${path}.tokens`),
    ];
  });
  const { tokensPerMinute } = tenant.rateLimits;
  return [
    ...small,
    ...tooFewTokens(ref, tokensPerMinute, least, "spec.rateLimits.tokensPerMinute"),
    ...ceilingTooLow(ref, tenant.envelope.maxMicroUsd, least),
  ];
}

/** Among thousands of routes, most tenants need not be looked at. */
function isBounded({ budgets, rateLimits, envelope }: TenantEntry): boolean {
  if (budgets.length > 0 || rateLimits.tokensPerMinute !== undefined) return true;
  return envelope.maxMicroUsd !== undefined;
}

/** Undefined where some request takes next to nothing, or where nothing may serve any. */
function leastOf(tenant: TenantEntry, { groups, backends }: Callable): Least | undefined {
  if (groups.some(haveEmbeddings)) return undefined;
  const names = new Set<string>();
  for (const group of groups) for (const name of candidatesOf(group)) names.add(name);
  const permitted = [...names].flatMap((name) => {
    const backend = backends.get(name);
    return backend === undefined || withheldBy(tenant, backend) !== undefined ? [] : backend;
  });
  if (permitted.length === 0) return undefined;
  return {
    cost: Math.min(...permitted.map((backend) => priceOf(backend) * usualTokens(backend))),
    tokens: Math.min(...permitted.map(usualTokens)),
  };
}

const haveEmbeddings = onceEach(({ routes }: Alike<RouteEntry>) =>
  routes.some(({ type }) => type === "Embeddings"),
);

const candidatesOf = onceEach(
  ({ routes }: Alike<RouteEntry>): ReadonlySet<string> =>
    new Set(routes.flatMap(({ candidates }) => candidates.map(({ backend }) => backend))),
);

const usualTokens = ({ maxOutputTokens }: BackendEntry): number =>
  Math.min(usualAnswer, maxOutputTokens);

/** What is paid by the hour bears its time, of which a policy knows nothing. */
const priceOf = ({ prices }: BackendEntry): number => prices.tokens?.output ?? 0;

function tooFewUsd(
  ref: ResourceRef,
  microUsd: number | undefined,
  { cost, tokens }: Least,
  path: string,
): Finding[] {
  if (microUsd === undefined || microUsd * 1e6 >= cost) return [];
  const message = `An answer of ${tokens} tokens costs ${cost / 1e12} USD at the cheapest backend that may serve tenant ${ref.name}, and this budget has ${microUsd / 1e6} USD: a request that does not bound its answer is always refused. Raise the budget, or allow a cheaper backend.`;
  return [judge("LimitTooSmall", ref, message, path)];
}

function tooFewTokens(
  ref: ResourceRef,
  allowed: number | undefined,
  { tokens }: Least,
  path: string,
): Finding[] {
  if (allowed === undefined || allowed >= tokens) return [];
  const message = `A request of tenant ${ref.name} that does not bound its answer is taken to need ${tokens} tokens and more, and this limit has ${allowed}: it is always refused. Raise the limit, or have the tenant's clients set max_completion_tokens.`;
  return [judge("LimitTooSmall", ref, message, path)];
}

/** A ceiling refuses nothing: what breaks it is served, and told of. */
function ceilingTooLow(
  ref: ResourceRef,
  microUsd: number | undefined,
  { cost, tokens }: Least,
): Finding[] {
  if (microUsd === undefined || microUsd * 1e6 >= cost) return [];
  const message = `Tenant ${ref.name} wants a request to cost at most ${microUsd / 1e6} USD, and an answer of ${tokens} tokens costs ${cost / 1e12} USD at the cheapest backend that may serve it: raise the ceiling, or allow a cheaper backend.`;
  return [judge("EnvelopeUnreachable", ref, message, "spec.envelope.maxUsdPerRequest")];
}
