import type { Envelope } from "../table/index.ts";
import {
  choiceReasons,
  type Choice,
  type ChoiceReason,
  type ConfidenceSource,
  type Considered,
} from "./choice.ts";
import { choose } from "./choose.ts";
import type { ChoiceInput } from "./choice-input.ts";
import { effectiveEnvelope } from "./envelope.ts";
import type { Estimates } from "./estimate.ts";
import { isObserved } from "./is-observed.ts";
import type { PlanRefusal } from "./plan/followed-plan.ts";

/** How a candidate was seen; null where a hard limit dropped it before it was looked at. */
export interface ExplainedCandidate {
  backend: string;
  /** From 1, in the chain; null where it is not in it. */
  place: number | null;
  correct: number | null;
  expectedUsd: number | null;
  /** Of a long answer, which the envelope bounds. */
  longUsd: number | null;
  firstTokenP95Ms: number | null;
  totalP95Ms: number | null;
  inEnvelope: boolean | null;
  /** Null, as `value`, where no plan was followed, or it does not allow the candidate. */
  handicap: number | null;
  /** What the plan compares by: correct − λ · expected cost − handicap. */
  value: number | null;
  dropped: { limit: string; message: string | null } | null;
}

export interface ExplainedPlan {
  digest: string;
  /** The tenant's own, or the route's pooled one. */
  whose: "tenant" | "pooled";
  rollout: "current" | "next";
  lambda: number;
  certificate: {
    floorPercent: number;
    lowerBound: number;
    confidence: number | null;
    /** Labels that it rests on; null where that is not known. */
    labels: number | null;
    expiresAt: string;
  } | null;
  /** The shares of the baseline's correctness and cost, as last measured. */
  kept: Estimated | null;
  saved: Estimated | null;
}

interface Estimated {
  estimate: number;
  lower: number;
  upper: number;
}

/** Why a request is served by whom: figures and names alone, nothing of what it says. */
export interface Explanation {
  route: string;
  tenant: string | null;
  /** Null, as what follows from it, where nothing may serve the request. */
  chosen: string | null;
  reason: ChoiceReason | null;
  /** The same in words; where nothing may serve, what the client is told. */
  because: string;
  confidence: number | null;
  confidenceSource: ConfidenceSource | null;
  /** Digest of the model; null where the tier alone judged. */
  classifier: string | null;
  unfamiliar: readonly string[];
  floorPercent: number | null;
  assurance: string | null;
  baseline: string | null;
  /** Null where it is not known any more. */
  envelope: Envelope | null;
  envelopeMissed: boolean;
  arm: string | null;
  plan: ExplainedPlan | null;
  /** Why no plan was followed; null where one was, or where the route does not choose by plans. */
  planRefusal: PlanRefusal | null;
  /** In the author's order. */
  candidates: readonly ExplainedCandidate[];
}

/** The choice for such a request, with its reasons. Nothing is called, and nothing is counted. */
export function explain(input: ChoiceInput): Explanation {
  const { route, tenant } = input;
  const envelope = isObserved(tenant) ? route.envelope : effectiveEnvelope(route, tenant);
  const choice = choose(input);
  return {
    route: route.name,
    tenant: tenant?.name ?? null,
    ...(choice.ok ? chosenPart(choice.value) : refusedPart(choice.error.message)),
    floorPercent: route.quality.floorPercent,
    assurance: route.quality.assurance,
    baseline: route.baseline,
    envelope,
  };
}

type Rest = Omit<
  Explanation,
  "route" | "tenant" | "floorPercent" | "assurance" | "baseline" | "envelope"
>;

function refusedPart(because: string): Rest {
  return {
    chosen: null,
    reason: null,
    because,
    confidence: null,
    confidenceSource: null,
    classifier: null,
    unfamiliar: [],
    envelopeMissed: false,
    arm: null,
    plan: null,
    planRefusal: null,
    candidates: [],
  };
}

function chosenPart(choice: Choice): Rest {
  const { chain, reason, considered } = choice;
  return {
    chosen: chain[0]?.backend.name ?? null,
    reason,
    because: choiceReasons[reason],
    confidence: choice.confidence,
    confidenceSource: choice.confidenceSource,
    classifier: choice.classifier,
    unfamiliar: choice.unfamiliar,
    envelopeMissed: choice.envelopeMissed,
    arm: choice.arm,
    plan: planPart(choice),
    planRefusal: choice.planRefusal,
    candidates: considered.map((each) => candidatePart(each, choice)),
  };
}

function planPart({ plan: followed }: Choice): ExplainedPlan | null {
  if (followed === null) return null;
  const { plan, own, rollout, kept, saved } = followed;
  const { digest, lambda, certificate } = plan;
  return {
    digest,
    whose: own ? "tenant" : "pooled",
    rollout,
    lambda,
    certificate:
      certificate === null
        ? null
        : {
            floorPercent: certificate.floorPercent,
            lowerBound: certificate.lowerBound,
            confidence: certificate.confidence,
            labels: sumOf(certificate.labels),
            expiresAt: new Date(certificate.expiresAt).toISOString(),
          },
    kept,
    saved,
  };
}

function sumOf({ golden, shadow, feedback }: Readonly<Record<string, number>>): number {
  return (golden ?? 0) + (shadow ?? 0) + (feedback ?? 0);
}

function candidatePart(considered: Considered, { chain }: Choice): ExplainedCandidate {
  const { backend, estimates, p = null, handicap = null, value = null } = considered;
  const { inEnvelope = null, dropped } = considered;
  const place = chain.findIndex((link) => link.backend === backend);
  return {
    backend: backend.name,
    place: place < 0 ? null : place + 1,
    correct: p,
    expectedUsd: usd(considered.expectedPicoUsd),
    longUsd: usd(estimates?.costPicoUsd),
    ...timesOf(estimates),
    inEnvelope,
    handicap,
    value,
    dropped: dropped === undefined ? null : { limit: dropped.limit, message: dropped.message },
  };
}

type Times = Pick<ExplainedCandidate, "firstTokenP95Ms" | "totalP95Ms">;

function timesOf(estimates: Estimates | undefined): Times {
  if (estimates === undefined) return { firstTokenP95Ms: null, totalP95Ms: null };
  const { firstTokenP95Ms, totalP95Ms } = estimates;
  return { firstTokenP95Ms, totalP95Ms };
}

const usd = (pico: number | undefined): number | null => (pico === undefined ? null : pico / 1e12);
