import type { PlanRow } from "./plan-row.ts";
import {
  certificateLifeMs,
  planDigest,
  pricesDigest,
  type BackendEntry,
  type Plan,
  type PlanEntry,
  type PlanEvidence,
} from "../../table/index.ts";
import type { PlanFindingCode, PlanInput, RolloutStep } from "./plan-input.ts";
import { basisOf, changeOf, together } from "./plan-basis.ts";
import type { ScopeEvidence } from "./propose-plan.ts";
import { countFollowing, guardProblem, watchPlan } from "./watch-plan.ts";

/** What of the last run still stands. */
export interface Standing {
  current: Plan | null;
  next?: { plan: Plan; sharePercent: number };
  evidence: PlanEvidence;
  news: { code: PlanFindingCode; message: string }[];
}

export interface StandingInput {
  previous: PlanEntry | undefined;
  evidence: ScopeEvidence;
  /** Of the scope's traffic. */
  rows: readonly PlanRow[];
}

type Step = (standing: Standing, input: StandingInput, job: PlanInput) => Standing;

/** In this order: what is void is not watched, and what is revoked is not rolled out. */
const steps: readonly Step[] = [voidByBasis, voidByRoute, expire, revoke, rollBack, rollOut];

/** Takes the last run's plans through all that may have befallen them since. */
export function standingPlans(input: StandingInput, job: PlanInput): Standing {
  const { previous, evidence } = input;
  const basis = basisOf(evidence.candidates, job.table.backends, evidence.model);
  const first: Standing = {
    current: previous?.current ?? null,
    ...(previous?.next === undefined ? {} : { next: previous.next }),
    evidence: inThePast(previous?.evidence ?? { since: 0, ...basis }, job.now),
    news: [],
  };
  return steps.reduce((standing, step) => step(standing, input, job), first);
}

/** A clock that was once ahead must not hold labels off until that time has come. */
const inThePast = (evidence: PlanEvidence, now: number): PlanEvidence =>
  evidence.since <= now ? evidence : { ...evidence, since: now };

/** Labels and costs of another model, price or classifier say nothing of those at hand. */
function voidByBasis(
  standing: Standing,
  { evidence }: StandingInput,
  { table, now }: PlanInput,
): Standing {
  const basis = basisOf(evidence.candidates, table.backends, evidence.model);
  const change = changeOf(standing.evidence, basis);
  if (change === undefined) return { ...standing, evidence: together(standing.evidence, basis) };
  return {
    current: null,
    evidence: { since: now, because: "BasisChanged", ...basis },
    news: [
      ...standing.news,
      {
        code: "BasisChanged",
        message: `${change} changed: what was certified before is void, and labels count from now on`,
      },
    ],
  };
}

/** Plans of another floor, baseline or menu are void, and those that compile refuses; what their labels say is not. */
function voidByRoute(
  standing: Standing,
  { evidence }: StandingInput,
  { table }: PlanInput,
): Standing {
  const { route } = evidence.scope;
  const fits = (plan: Plan): boolean =>
    plan.certificate !== null &&
    plan.model === evidence.model &&
    plan.certificate.floorPercent >= route.quality.floorPercent &&
    plan.certificate.baseline === route.baseline &&
    plan.candidates.every(({ backend }) => evidence.candidates.includes(backend)) &&
    isGenuine(plan, table.backends);
  const { next, current, ...rest } = standing;
  return {
    ...rest,
    current: current !== null && fits(current) ? current : null,
    ...(next !== undefined && fits(next.plan) ? { next } : {}),
  };
}

/** Whether it says what it was issued with: somebody may have edited it since. */
function isGenuine(plan: Plan, backends: Readonly<Record<string, BackendEntry>>): boolean {
  const entries = plan.candidates.flatMap(({ backend }) => backends[backend] ?? []);
  return plan.digest === planDigest(plan) && plan.certificate?.prices === pricesDigest(entries);
}

/** As far as clocks may differ. */
const mostSkewMs = 3_600_000;

/** A certificate of a time to come was issued by a clock that went wrong, and would live as much longer. */
function expire(standing: Standing, _input: StandingInput, { now }: PlanInput): Standing {
  const isOver = ({ certificate }: Plan): boolean =>
    certificate === null ||
    certificate.expiresAt <= now ||
    certificate.issuedAt > now + mostSkewMs ||
    certificate.expiresAt - certificate.issuedAt > certificateLifeMs;
  const { next, current, ...rest } = standing;
  const isGone = current !== null && isOver(current);
  const news = isGone
    ? [
        ...standing.news,
        {
          code: "CertificateExpired" as const,
          message:
            "its certificate has expired, is of a time to come, or is for longer than any may be",
        },
      ]
    : standing.news;
  return {
    ...rest,
    news,
    current: isGone ? null : current,
    ...(next !== undefined && !isOver(next.plan) ? { next } : {}),
  };
}

/** A certificate that live comparisons speak against is void, and so is what rests on the labels before. */
function revoke(
  standing: Standing,
  { evidence }: StandingInput,
  { settings, now }: PlanInput,
): Standing {
  const { current } = standing;
  if (current === null) return standing;
  const { isRevoked, labels } = watchPlan(current, evidence.labelled, settings.watchRisk);
  if (!isRevoked) return standing;
  return {
    current: null,
    evidence: { ...standing.evidence, since: now, because: "Revoked" },
    news: [
      ...standing.news,
      {
        code: "PlanRevoked",
        message: `by ${labels} comparisons since it was issued it no longer keeps its floor: the baseline serves, and labels count from now on`,
      },
    ],
  };
}

function rollBack(
  standing: Standing,
  { evidence, rows }: StandingInput,
  { settings, now }: PlanInput,
): Standing {
  const { next, ...rest } = standing;
  if (next === undefined) return standing;
  const { plan } = next;
  const { isRevoked, labels } = watchPlan(plan, evidence.labelled, settings.watchRisk);
  const since = plan.certificate?.issuedAt ?? 0;
  const problem = isRevoked
    ? `by ${labels} comparisons it does not keep its floor`
    : guardProblem(
        plan,
        rows.filter(({ ts }) => ts >= since),
      );
  if (problem === undefined) return standing;
  return {
    ...rest,
    evidence: { ...standing.evidence, since: now, because: "RolledBack" },
    news: [
      ...standing.news,
      {
        code: "PlanRolledBack",
        message: `the newer plan was taken back at ${next.sharePercent} %: ${problem}; labels count from now on`,
      },
    ],
  };
}

/** Requests of its own that a newer plan should have seen before it goes on; where they are few, time has to do. */
const enough = 20;
const patience = 24;

function rollOut(
  standing: Standing,
  { rows }: StandingInput,
  { settings, now }: PlanInput,
): Standing {
  const { next, ...rest } = standing;
  if (next === undefined) return standing;
  const elapsed = now - (next.plan.certificate?.issuedAt ?? now);
  const pace = countFollowing(next.plan, rows) >= enough ? 1 : patience;
  const share = shareAfter(elapsed, pace, settings.rollout);
  if (share === undefined) return { ...rest, current: next.plan };
  // Never back: a share that it had it has earned.
  const sharePercent = Math.max(share, next.sharePercent);
  return { ...rest, next: { ...next, sharePercent } };
}

/** @returns undefined where all steps are done */
function shareAfter(
  elapsed: number,
  pace: number,
  rollout: readonly RolloutStep[],
): number | undefined {
  let left = elapsed;
  for (const { sharePercent, forMs } of rollout) {
    left -= forMs * pace;
    if (left < 0) return sharePercent;
  }
  return undefined;
}
