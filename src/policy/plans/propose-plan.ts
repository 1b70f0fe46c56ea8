import { planDigest, pricesDigest, type BackendEntry, type Plan } from "../../table/index.ts";
import { certifyPlan, labelsNeeded, type Certifying } from "./certify-plan.ts";
import { evidenceBase, fewestLabels, type EvidenceBase } from "./evidence-base.ts";
import type { PlanInput, PlanSettings } from "./plan-input.ts";
import { expectedSaving, planLadder, sharesOf, type PlanPolicy } from "./plan-policy.ts";
import { shareLimits, type PlanScope } from "./plan-scope.ts";
import type { LabelledRow, ScoredRow } from "./scored-row.ts";
import { keepsShares, policyWithin } from "./share-handicaps.ts";

/** All that one scope's plan is made of. */
export interface ScopeEvidence {
  scope: PlanScope;
  /** Those that a plan may choose, the baseline last. */
  candidates: readonly string[];
  model: string;
  labelled: readonly LabelledRow[];
  traffic: readonly ScoredRow[];
  /** The route's labels of everybody, for a tenant whose route the pool knows. */
  pool?: readonly LabelledRow[];
}

export interface Proposal {
  /** Absent: nothing is certified. */
  certified?: { policy: PlanPolicy; lowerBound: number };
  base: EvidenceBase;
  /** Why nothing is; empty where something is. */
  because: string;
  code:
    | "NoEvidence"
    | "TooFewLabels"
    | "FloorNotKept"
    | "NothingToChoose"
    | "SharesCannotBeKept"
    | null;
}

/** The cheapest plan that the labels certify, within the shares that the route's author allows. */
export function proposePlan(evidence: ScopeEvidence, input: PlanInput): Proposal {
  const { scope, candidates, labelled } = evidence;
  const base = evidenceBase(labelled, input.settings);
  const none = (code: Proposal["code"], because: string): Proposal => ({ base, code, because });
  if (candidates.length < 2) {
    return none("NothingToChoose", "nothing but the baseline may be chosen");
  }
  if (labelled.length === 0) return none("NoEvidence", "there are no labels");
  const fewest = scope.tenant === null ? fewestLabels : input.settings.tenantLabels;
  if (base.rows.length < fewest) {
    return none(
      "TooFewLabels",
      `of the ${fewest} labels that it takes at least there are ${labelled.length}`,
    );
  }
  const certifying: Certifying = {
    labelled: base.rows,
    traffic: evidence.traffic,
    ladder: ladderOf(evidence, input),
    floor: scope.route.quality.floorPercent / 100,
    ...(evidence.pool === undefined ? {} : { pool: evidence.pool }),
    confidence: input.settings.confidence,
    betweenTenants: input.settings.betweenTenants,
  };
  const certified = certifyPlan(certifying);
  if (certified !== undefined) return { certified, base, because: "", code: null };
  const [first] = ladderOf(evidence, input);
  if (first === undefined) {
    return none("SharesCannotBeKept", "no plan keeps the shares that the route allows");
  }
  const needed = labelsNeeded(certifying, first);
  const have = `${base.rows.length} labels`;
  return needed === undefined
    ? none("FloorNotKept", `by ${have} what the classifier would choose does not keep the floor`)
    : none("TooFewLabels", `of about ${needed} labels that it takes there are ${base.rows.length}`);
}

/**
 * From the best whatever it costs towards cheap, as far as shares can be kept. Each is made when it is
 * asked for, since shares take a while.
 */
function* ladderOf(
  evidence: ScopeEvidence,
  { solveShares }: PlanInput,
): Generator<PlanPolicy, void, void> {
  const limits = shareLimits(evidence.scope, evidence.candidates);
  const rows = mixOf(evidence);
  for (const lambda of planLadder) {
    const policy = policyWithin(rows, lambda, limits, solveShares);
    if (!keepsShares(rows, policy, limits)) return;
    yield policy;
  }
}

const fewestRequests = 20;

/** What stands for the traffic; before there is any, what the labels are of. */
function mixOf({ traffic, labelled }: ScopeEvidence): readonly ScoredRow[] {
  return traffic.length >= fewestRequests ? traffic : labelled;
}

export interface Worth {
  /** Share of the baseline's cost. */
  saving: number;
  /** Of one request, in the mean. */
  savedUsd: number;
  shares: Readonly<Record<string, number>>;
}

/** What a policy comes to on the traffic at hand. */
export function worthOf(evidence: ScopeEvidence, policy: PlanPolicy): Worth {
  const rows = mixOf(evidence);
  const shares = sharesOf(rows, policy);
  return {
    ...expectedSaving(rows, policy),
    shares: Object.fromEntries(
      evidence.candidates.map((name, place) => [name, shares[place] ?? 0]),
    ),
  };
}

/** A plan's policy in the places of some candidates; undefined where it chooses among others than these. */
export function policyOf(plan: Plan, candidates: readonly string[]): PlanPolicy | undefined {
  const held = new Map(plan.candidates.map(({ backend, handicap }) => [backend, handicap]));
  const isSame = held.size === candidates.length && candidates.every((name) => held.has(name));
  if (!isSame) return undefined;
  return {
    lambda: plan.lambda,
    handicaps: Float64Array.from(candidates, (name) => held.get(name) ?? 0),
  };
}

/** Puts a certified policy into the form that routers read. */
export function issuePlan(
  { scope, candidates, model }: ScopeEvidence,
  { policy, lowerBound }: { policy: PlanPolicy; lowerBound: number },
  { golden, shadow }: EvidenceBase,
  {
    settings,
    now,
    backends,
  }: { settings: PlanSettings; now: number; backends: Readonly<Record<string, BackendEntry>> },
): Plan {
  const content = {
    lambda: policy.lambda,
    candidates: candidates.map((backend, place) => ({
      backend,
      handicap: policy.handicaps[place] ?? 0,
    })),
    model,
    certificate: {
      floorPercent: scope.route.quality.floorPercent,
      baseline: scope.route.baseline,
      confidence: settings.confidence,
      lowerBound,
      labels: { golden, shadow, feedback: 0 },
      issuedAt: now,
      expiresAt: now + settings.lifeMs,
      prices: pricesDigest(candidates.flatMap((name) => backends[name] ?? [])),
    },
  };
  return { ...content, digest: planDigest(content) };
}
