import type { Finding, ResourceRef } from "../api/index.ts";
import type { BackendEntry, RouteEntry } from "../table/index.ts";
import { judge, listed } from "./judgement.ts";
import type { RouteScope } from "./route-scope.ts";

interface AdviceInput {
  ref: ResourceRef;
  /** The form that serves, with the candidates that can be called: at least one. */
  entry: RouteEntry;
  scope: RouteScope;
  /** Whether it has a plan with a certificate, a tenant's or the pooled one. */
  isCertified: boolean;
}

type Advice = (input: AdviceInput) => Finding[];

/** What a route's author may not expect of a route that serves. */
const advice: readonly Advice[] = [unreachableEnvelope, baselineInPlaceOfCheaper, cutOffByDraining];

export function adviseOnRoute(input: AdviceInput): Finding[] {
  return advice.flatMap((each) => each(input));
}

/** Whether a route serves its baseline until there is a certificate: only one that chooses by itself does. */
export function leansOnBaseline({ quality, selection }: RouteEntry): boolean {
  return quality.assurance === "Certified" && selection === "CheapestWithinEnvelope";
}

function unreachableEnvelope({ ref, entry, scope }: AdviceInput): Finding[] {
  const bound = entry.envelope.firstTokenP95Ms;
  if (bound === undefined) return [];
  const quickest = Math.min(...entry.candidates.map(({ backend }) => expectedMs(backend, scope)));
  if (quickest <= bound) return [];
  const message = `Route ${ref.name} wants a first token within ${bound} ms, and the quickest candidate is expected to take ${quickest} ms: raise the bound, add a quicker candidate, or correct the expectations.`;
  return [judge("EnvelopeUnreachable", ref, message, "spec.envelope.firstTokenP95")];
}

/** Nothing is wrong with such a route; but whoever wrote it waits for savings that do not come. */
function baselineInPlaceOfCheaper({ ref, entry, scope, isCertified }: AdviceInput): Finding[] {
  const baseline = scope.backends.get(entry.baseline);
  if (isCertified || !leansOnBaseline(entry) || baseline === undefined) return [];
  const bound = entry.envelope.firstTokenP95Ms ?? Number.POSITIVE_INFINITY;
  const names = entry.candidates.map(({ backend }) => backend);
  const passedOver = names.filter((name) => {
    const backend = scope.backends.get(name);
    return (
      backend !== undefined && costsLess(backend, baseline) && expectedMs(name, scope) <= bound
    );
  });
  if (!names.includes(entry.baseline) || passedOver.length === 0) return [];
  const message = `Route ${ref.name} is Certified and has no plan with a certificate, so its baseline ${entry.baseline} serves, and what costs less (${listed(passedOver)}) is called as a fallback alone. Have \`switchyard plan\` make one from labels, or set assurance to Estimated to take the classifier's word; keep Certified where no answer may come from a model without a certificate.`;
  return [judge("NotCertified", ref, message, "spec.quality.assurance")];
}

/** By the token, whatever a request's share of input; what is paid by the hour cannot be compared so. */
function costsLess({ prices: { tokens: one } }: BackendEntry, { prices }: BackendEntry): boolean {
  const { tokens: other } = prices;
  if (one === undefined || other === undefined) return false;
  const isNowhereDearer = one.input <= other.input && one.output <= other.output;
  return isNowhereDearer && (one.input < other.input || one.output < other.output);
}

function cutOffByDraining({ ref, entry, scope }: AdviceInput): Finding[] {
  const { drainSeconds } = scope.settings;
  const { totalTimeoutMs } = entry.fallback;
  if (drainSeconds === undefined || totalTimeoutMs <= drainSeconds * 1_000) return [];
  const message = `Route ${ref.name} lets a request take ${totalTimeoutMs / 1_000} s, and a router of its class that is to stop waits for ${drainSeconds} s: a longer request may be cut off where routers are replaced. Shorten totalTimeout, or ask for more drainSeconds in the class.`;
  return [judge("LongerThanDrain", ref, message, "spec.fallback.totalTimeout")];
}

const expectedMs = (name: string, { backends }: RouteScope): number =>
  backends.get(name)?.expectations.firstTokenP95Ms ?? 0;
