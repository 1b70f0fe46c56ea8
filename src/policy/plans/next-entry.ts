import type { Plan, PlanEntry } from "../../table/index.ts";
import type { EvidenceBase } from "./evidence-base.ts";
import type { PlanInput } from "./plan-input.ts";
import { issuePlan, policyOf, worthOf, type Proposal, type ScopeEvidence } from "./propose-plan.ts";
import type { PlanPolicy } from "./plan-policy.ts";
import type { Standing } from "./standing-plans.ts";

type Entry = Pick<PlanEntry, "current" | "next">;

/**
 * Puts a proposal in the place that is its: a plan of which a newer one is being rolled out is left alone, a
 * live one gives way only to one that saves worthwhile more, and a new one begins with a share.
 */
export function nextEntry(
  standing: Standing,
  { certified, base }: Proposal,
  evidence: ScopeEvidence,
  input: PlanInput,
): Entry {
  const { current, next } = standing;
  const kept: Entry = { current, ...(next === undefined ? {} : { next }) };
  if (next !== undefined || certified === undefined) return kept;
  const way = wayOf(current, { certified, base }, evidence, input);
  if (way === "stays") return kept;
  const { settings, now, table } = input;
  const plan = issuePlan(evidence, certified, base, { settings, now, backends: table.backends });
  const [first] = settings.rollout;
  return way === "renewed" || way === "safer" || first === undefined
    ? { current: plan }
    : { current, next: { plan, sharePercent: first.sharePercent } };
}

type Way =
  /** What is live stays. */
  | "stays"
  /** Requests follow the same policy already: its certificate alone is new. */
  | "renewed"
  /** The labels that there are by now certify this, and no longer what is live. */
  | "safer"
  | "new";

function wayOf(
  current: Plan | null,
  { certified: { policy: proposed }, base }: Required<Pick<Proposal, "certified" | "base">>,
  evidence: ScopeEvidence,
  input: PlanInput,
): Way {
  const live = current === null ? undefined : policyOf(current, evidence.candidates);
  if (current === null || live === undefined) return "new";
  const isEnding = isNearItsEnd(current, input);
  if (isSame(live, proposed)) return isEnding ? "renewed" : "stays";
  const more = worthOf(evidence, proposed).saving - worthOf(evidence, live).saving;
  const { worthwhile } = input.settings;
  if (more <= -worthwhile && goesTooFar(live, proposed, base)) return "safer";
  return isEnding || more >= worthwhile ? "new" : "stays";
}

/** Luck at an earlier look would stay for good if later ones could only find something cheaper. */
const goesTooFar = (
  live: PlanPolicy,
  proposed: PlanPolicy,
  { tellsOfAll }: EvidenceBase,
): boolean => tellsOfAll && proposed.lambda < live.lambda;

function isNearItsEnd({ certificate }: Plan, { settings, now }: PlanInput): boolean {
  return (certificate?.expiresAt ?? 0) - now < settings.lifeMs * settings.renewAt;
}

const isSame = (one: PlanPolicy, other: PlanPolicy): boolean =>
  one.lambda === other.lambda &&
  one.handicaps.every((handicap, place) => handicap === other.handicaps[place]);
