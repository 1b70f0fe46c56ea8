import type { BackendEntry } from "../table/index.ts";
import type { BackendHealth } from "./backend-health.ts";
import type { Candidate } from "./candidate.ts";
import type { Absence, Considered } from "./choice.ts";
import type { ChoiceInput } from "./choice-input.ts";
import { effectiveEnvelope, keepsEnvelope } from "./envelope.ts";
import { estimate, expectedCostPicoUsd } from "./estimate.ts";
import { dropOf } from "./hard-limits.ts";
import { isObserved } from "./is-observed.ts";
import type { JudgedRequest } from "./judged-request.ts";
import { valueUnder } from "./plan/value-under.ts";

/** Those inside the hard limits, in the author's order; notes all of them in `considered`. */
export function sift(
  input: ChoiceInput,
  judged: JudgedRequest,
  considered: Considered[],
): Candidate[] {
  const { route, needs, tenant } = input;
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
    const candidate = candidateOf(backend, input, judged);
    candidate.weight = weight;
    candidate.inEnvelope = keepsEnvelope(candidate.estimates, envelope);
    candidates.push(candidate);
    considered.push(candidate);
  }
  return candidates;
}

function candidateOf(
  backend: BackendEntry,
  { route, needs, book }: ChoiceInput,
  { judgement, plan }: JudgedRequest,
): Candidate {
  const p = judgement.pCorrect(backend);
  const tokens = judgement.outputTokens(backend) ?? book.usualOutputTokens(route.name);
  const expectedPicoUsd = expectedCostPicoUsd(backend, needs, tokens, book);
  const expectedUsd = expectedPicoUsd / picoPerUsd;
  return {
    backend,
    weight: 1,
    estimates: estimate(backend, needs, route.name, book),
    p,
    expectedPicoUsd,
    inEnvelope: true,
    failing: book.failureShare(backend.name),
    ...valueUnder(plan?.plan, backend.name, { p, expectedUsd }),
  };
}

const picoPerUsd = 1e12;

export interface Sifted {
  /** Those that may be called now; one at least where any was permitted. */
  present: readonly Candidate[];
  away: readonly BackendEntry[];
}

const none: readonly BackendEntry[] = [];

/**
 * Leaves out what is ejected, full or has had its share, and says so in `considered`. One candidate
 * always stays: first those that are over their shares alone, then the best of the ejected and full.
 */
export function withoutAway(
  permitted: readonly Candidate[],
  considered: Considered[],
  input: ChoiceInput,
): Sifted {
  const { health, hasRoom, hasShare } = input;
  const isHere = ({ backend }: Candidate) => health.admits(backend) && hasRoom(backend);
  const hasItsShare = ({ backend }: Candidate) => hasShare?.(backend) ?? true;
  const isPresent = (each: Candidate) => isHere(each) && hasItsShare(each);
  // Nearly always, and then nothing is to be made.
  if (permitted.every(isPresent)) return { present: permitted, away: none };
  let present = permitted.filter(isPresent);
  if (present.length === 0) present = permitted.filter(isHere);
  if (present.length === 0) {
    const resort = health.lastResort(permitted.map(({ backend }) => backend));
    present = permitted.filter(({ backend }) => backend === resort);
  }
  const away: BackendEntry[] = [];
  for (const [index, each] of considered.entries()) {
    if (each.dropped !== undefined || present.some(({ backend }) => backend === each.backend))
      continue;
    away.push(each.backend);
    considered[index] = { ...each, dropped: absence(each.backend, health, hasRoom) };
  }
  return { present, away };
}

function absence(
  backend: BackendEntry,
  health: BackendHealth,
  hasRoom: ChoiceInput["hasRoom"],
): Absence {
  if (!health.admits(backend)) {
    const reason = health.ejectedFor(backend) ?? "unknown";
    return { limit: "ejected", message: `${backend.name} is ejected for now: ${reason}` };
  }
  if (!hasRoom(backend)) {
    return { limit: "full", message: `${backend.name} has all the calls that it may have` };
  }
  return {
    limit: "share",
    message: `${backend.name} has had its share of the route's recent requests`,
  };
}
