import { err, ok, type Result } from "../lib/index.ts";
import type { BackendEntry, RouteEntry, TenantEntry } from "../table/index.ts";
import type { BackendHealth } from "./backend-health.ts";
import type { Absence, Choice, ChoiceReason, Considered } from "./choice.ts";
import { effectiveEnvelope, keepsEnvelope } from "./envelope.ts";
import { estimate } from "./estimate.ts";
import { estimateByTier, type Estimator, type Judgement } from "./estimate-by-tier.ts";
import { byCost, byQuality, byWeight, fallbackOrder, type Candidate } from "./fallback-order.ts";
import { dropOf } from "./hard-limits.ts";
import type { LatencyBook } from "./latency-book.ts";
import { explainNoCandidate, wrongType, type NoCandidate } from "./no-candidate.ts";
import { isObserved } from "./is-observed.ts";
import type { RequestNeeds } from "./request-needs.ts";

export interface ChoiceInput {
  route: RouteEntry;
  /** The table's. */
  backends: Readonly<Record<string, BackendEntry>>;
  /** Null for an anonymous caller. */
  tenant: TenantEntry | null;
  needs: RequestNeeds;
  book: LatencyBook;
  health: BackendHealth;
  /** Whether the backend may have one more call, or a request more that waits for one. */
  hasRoom: (backend: BackendEntry) => boolean;
  /** In [0, 1); decides a Weighted route's draw. */
  random: number;
  /** Absent: by tier. */
  estimator?: Estimator;
}

/** Hard limits first, then the route's own way of choosing among what is left. */
export function choose(input: ChoiceInput): Result<Choice, NoCandidate> {
  const { route, needs, tenant } = input;
  if (route.type !== needs.type) return err(wrongType(route));
  const judgement = (input.estimator ?? estimateByTier)(needs, route);
  const considered: Considered[] = [];
  const permitted = sift(input, judgement, considered);
  const { candidates, away } = withoutAway(permitted, considered, input);
  const [only] = candidates;
  if (only === undefined) return err(explainNoCandidate(considered, needs, tenant));
  const { chain, reason } = order(candidates, only, { input, judgement, away });
  const first = chain[0] ?? only;
  return ok({
    chain,
    away,
    reason,
    envelopeMissed: !first.inEnvelope,
    confidence: first.p,
    confidenceSource: judgement.source,
    considered,
  });
}

/** Those inside the hard limits, in the author's order; notes all of them in `considered`. */
function sift(input: ChoiceInput, judgement: Judgement, considered: Considered[]): Candidate[] {
  const { route, needs, tenant, book } = input;
  const envelope = isObserved(tenant) ? route.envelope : effectiveEnvelope(route, tenant);
  const candidates: Candidate[] = [];
  for (const { backend: name, weight } of route.candidates) {
    const backend = input.backends[name];
    if (backend === undefined || considered.some((each) => each.backend === backend)) continue;
    const dropped = dropOf(backend, needs, tenant);
    if (dropped !== undefined) {
      considered.push({ backend, dropped });
      continue;
    }
    const estimates = estimate(backend, needs, route.name, book);
    const candidate: Candidate = {
      backend,
      weight,
      estimates,
      p: judgement.pCorrect(backend),
      inEnvelope: keepsEnvelope(estimates, envelope),
      failing: book.failureShare(name),
    };
    candidates.push(candidate);
    considered.push(candidate);
  }
  return candidates;
}

interface Present {
  candidates: Candidate[];
  away: readonly BackendEntry[];
}

const none: readonly BackendEntry[] = [];

/** Leaves out what is ejected or full, and says so in `considered`; one candidate always stays. */
function withoutAway(
  permitted: Candidate[],
  considered: Considered[],
  { health, hasRoom }: ChoiceInput,
): Present {
  const isHere = ({ backend }: Candidate) => health.admits(backend) && hasRoom(backend);
  // Nearly always, and then nothing is to be made.
  if (permitted.every(isHere)) return { candidates: permitted, away: none };
  const candidates = permitted.filter(isHere);
  let away = permitted.filter((each) => !isHere(each)).map(({ backend }) => backend);
  if (candidates.length === 0) {
    const resort = health.lastResort(away);
    candidates.push(...permitted.filter(({ backend }) => backend === resort));
    away = away.filter((backend) => backend !== resort);
  }
  for (const [index, { backend }] of considered.entries()) {
    if (away.includes(backend)) considered[index] = { backend, dropped: absence(backend, health) };
  }
  return { candidates, away };
}

function absence(backend: BackendEntry, health: BackendHealth): Absence {
  if (health.admits(backend)) {
    return { limit: "full", message: `${backend.name} has all the calls that it may have` };
  }
  const reason = health.ejectedFor(backend) ?? "unknown";
  return { limit: "ejected", message: `${backend.name} is ejected for now: ${reason}` };
}

interface Ordered {
  chain: Candidate[];
  reason: ChoiceReason;
}

interface Setting {
  input: ChoiceInput;
  judgement: Judgement;
  away: readonly BackendEntry[];
}

function order(candidates: Candidate[], only: Candidate, setting: Setting): Ordered {
  const { route, random } = setting.input;
  switch (route.selection) {
    case "Ordered":
      return { chain: candidates, reason: "ordered" };
    case "Weighted": {
      const drawn = draw(candidates, random) ?? only;
      return { chain: lead(drawn, candidates, byWeight), reason: "weighted" };
    }
    case "CheapestWithinEnvelope": {
      const { first, reason } = pick(candidates, only, setting);
      return { chain: lead(first, candidates, fallbackOrder(first)), reason };
    }
  }
}

type Compare = (left: Candidate, right: Candidate) => number;

/** `first`, then the others in order. Sorting is stable: ties keep the author's order. */
function lead(first: Candidate, candidates: readonly Candidate[], compare: Compare): Candidate[] {
  const chain = candidates.filter((candidate) => candidate !== first).sort(compare);
  chain.unshift(first);
  return chain;
}

/** One by the weights; undefined where every weight is zero, which is for fallbacks alone. */
function draw(candidates: readonly Candidate[], random: number): Candidate | undefined {
  let total = 0;
  for (const { weight } of candidates) total += weight;
  let left = random * total;
  for (const candidate of candidates) {
    left -= candidate.weight;
    if (left < 0) return candidate;
  }
  return undefined;
}

interface Picked {
  first: Candidate;
  reason: ChoiceReason;
}

function pick(candidates: readonly Candidate[], only: Candidate, setting: Setting): Picked {
  const { route, backends } = setting.input;
  const baseline = candidates.find(({ backend }) => backend.name === route.baseline);
  if (route.quality.assurance === "Certified") {
    // No plan, no certificate: only the baseline is known to keep the floor, inside the envelope or not.
    if (baseline !== undefined) return { first: baseline, reason: "baseline" };
    const isAway = setting.away.some(({ name }) => name === route.baseline);
    const reason = isAway ? "baseline_away" : "best_permitted";
    return { first: best(candidates, only, byQuality), reason };
  }
  const measure = backends[route.baseline];
  // Without its measure no floor can be kept but by the best there is.
  const whole = measure === undefined ? Infinity : setting.judgement.pCorrect(measure);
  const floor = (whole * route.quality.floorPercent) / 100;
  const kept = candidates.filter((candidate) => candidate.inEnvelope && candidate.p >= floor);
  if (kept.length > 0) return { first: best(kept, only, byCost), reason: "cheapest" };
  const missed = candidates.some((candidate) => candidate.p >= floor);
  const reason = missed ? "envelope_missed" : "best_permitted";
  return { first: best(candidates, only, byQuality), reason };
}

function best(candidates: readonly Candidate[], otherwise: Candidate, compare: Compare): Candidate {
  let found = candidates[0] ?? otherwise;
  for (const candidate of candidates) {
    if (compare(candidate, found) < 0) found = candidate;
  }
  return found;
}
