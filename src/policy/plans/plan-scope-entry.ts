import { effectiveEnvelope } from "../../routing/index.ts";
import { countOf, representative, type PlanRow } from "./plan-row.ts";
import type { Plan, PlanEntry } from "../../table/index.ts";
import { feedbackFell } from "./feedback-fell.ts";
import { measurePlan } from "./measure-plan.ts";
import { nextEntry } from "./next-entry.ts";
import {
  planFindings,
  type PlanFinding,
  type PlanFindingCode,
  type PlanInput,
  type PlanReport,
} from "./plan-input.ts";
import { candidatesOf, type PlanScope } from "./plan-scope.ts";
import {
  policyOf,
  proposePlan,
  worthOf,
  type Proposal,
  type ScopeEvidence,
} from "./propose-plan.ts";
import { settledMeasurement } from "./settled-measurement.ts";
import { isTraffic, scoreRow, type Eyes, type LabelledRow } from "./scored-row.ts";
import { slowCandidates } from "./slow-candidates.ts";
import { standingPlans, type Standing } from "./standing-plans.ts";

/** Labels as a classifier and candidates make them of rows since a time, in milliseconds since the epoch. */
export type LabelView = (eyes: Eyes, since: number) => readonly LabelledRow[];

export interface ScopeInput {
  scope: PlanScope;
  /** Of the route: the tenant's alone where the scope is a tenant's. */
  rows: readonly PlanRow[];
  previous: PlanEntry | undefined;
  /** The labels of these rows. */
  labels: LabelView;
  /** The labels of everybody else, where they make the route known. */
  pool?: LabelView;
  /** Labels from before this time count no more; 0: all count. */
  since: number;
}

export interface ScopeOutput {
  entry: PlanEntry;
  findings: PlanFinding[];
  report: PlanReport;
}

/** The plan of one scope: what stands of the last one, what the labels certify, and what it has come to. */
export function planScope(input: ScopeInput, job: PlanInput): ScopeOutput {
  const { scope, rows, previous } = input;
  const model = scope.route.classifier ?? job.builtInClassifier;
  const candidates = candidatesOf(scope, job.table.backends);
  const traffic = rows.filter(isTraffic);
  const whole = evidenceOf(input, { candidates, model });
  const standing = standingPlans({ previous, evidence: whole, rows: traffic }, job);
  const slow = slowCandidates(traffic, effectiveEnvelope(scope.route, scope.tenant));
  const allowed = candidates.filter((name) => name === scope.route.baseline || !slow.has(name));
  const since = Math.max(input.since, standing.evidence.since);
  const eyes = { candidates: allowed, model };
  const evidence = {
    ...evidenceOf(input, eyes, since),
    ...(input.pool && { pool: input.pool(eyes, since) }),
  };
  const proposal = proposePlan(evidence, job);
  const placed = nextEntry(standing, proposal, evidence, job);
  const entry: PlanEntry = {
    route: scope.route.name,
    tenant: scope.tenant?.name ?? null,
    ...placed,
    ...measured(placed.current, { previous, rows, labelled: whole.labelled, now: job.now }),
    evidence: standing.evidence,
  };
  const findings = findingsOf({ standing, proposal, slow, entry, traffic, scope });
  return { entry, findings, report: reportOf(entry, { proposal, evidence, standing, traffic }) };
}

function evidenceOf(
  { scope, rows, labels }: ScopeInput,
  { candidates, model }: Eyes,
  since = 0,
): ScopeEvidence {
  const eyes = { candidates, model };
  const counted = rows.filter(({ ts }) => ts >= since);
  return {
    scope,
    ...eyes,
    labelled: candidates.length === 0 ? [] : labels(eyes, since),
    // Costs and mixes are of all traffic at hand, labelled or not, as long as it was seen by the same eyes.
    traffic:
      candidates.length === 0
        ? []
        : representative(counted.filter(isTraffic), mostTraffic).flatMap(
            (row) => scoreRow(row, eyes) ?? [],
          ),
  };
}

/** More requests do not make shares and costs any surer, but every λ has to choose for each. */
const mostTraffic = 4_000;

interface Measuring {
  previous: PlanEntry | undefined;
  rows: readonly PlanRow[];
  labelled: readonly LabelledRow[];
  now: number;
}

function measured(
  current: Plan | null,
  { previous, rows, labelled, now }: Measuring,
): Pick<PlanEntry, "measured"> {
  if (current === null) return {};
  const newer = measurePlan(current, rows, labelled, now);
  const isOfIt = previous?.current?.digest === current.digest;
  return { measured: settledMeasurement(isOfIt ? previous.measured : undefined, newer) };
}

interface Found {
  standing: Standing;
  proposal: Proposal;
  slow: ReadonlyMap<string, string>;
  entry: PlanEntry;
  traffic: readonly PlanRow[];
  scope: PlanScope;
}

function findingsOf({ standing, proposal, slow, entry, traffic, scope }: Found): PlanFinding[] {
  const { route, tenant } = entry;
  const find = (code: PlanFindingCode, message: string): PlanFinding => ({
    code,
    severity: planFindings[code],
    route,
    tenant,
    message,
  });
  const complaint = entry.current === null ? undefined : feedbackFell(entry.current, traffic);
  return [
    ...standing.news.map(({ code, message }) => find(code, message)),
    ...[...slow].map(([backend, problem]) =>
      backend === scope.route.baseline
        ? find(
            "CandidateTooSlow",
            `The baseline ${backend} breaks the envelope, and stays all the same: ${problem}`,
          )
        : find("CandidateTooSlow", `${backend} may not be chosen: ${problem}`),
    ),
    ...(proposal.code === null ? [] : [find(proposal.code, proposal.because)]),
    ...(complaint === undefined ? [] : [find("FeedbackFell", complaint)]),
  ];
}

function reportOf(
  { route, tenant, current, next }: PlanEntry,
  {
    proposal,
    evidence,
    standing,
    traffic,
  }: Pick<Found, "proposal" | "standing" | "traffic"> & { evidence: ScopeEvidence },
): PlanReport {
  const shown = current ?? next?.plan ?? null;
  return {
    route,
    tenant,
    serves: servedBy(tenant, current),
    rollout: next === undefined ? null : { sharePercent: next.sharePercent },
    ...(shown === null ? shownWithout(proposal) : shownOf(shown, evidence, countOf(traffic))),
    because: standing.news.at(-1)?.message ?? (shown === null ? proposal.because : null),
  };
}

function servedBy(tenant: string | null, current: Plan | null): PlanReport["serves"] {
  if (current === null) return "baseline";
  return tenant === null ? "pooled" : "own";
}

type Shown = Omit<PlanReport, "route" | "tenant" | "serves" | "rollout" | "because">;

function shownWithout({ base: { golden, shadow } }: Proposal): Shown {
  const nothing = { lambda: null, expectedSaving: null, savedUsd: null };
  const never = { lowerBound: null, expiresAt: null };
  return { ...nothing, ...never, labels: { golden, shadow }, shares: {} };
}

function shownOf(plan: Plan, evidence: ScopeEvidence, requests: number): Shown {
  const policy = policyOf(plan, evidence.candidates);
  const worth = policy === undefined ? undefined : worthOf(evidence, policy);
  const { lowerBound, labels, expiresAt } = plan.certificate ?? uncertified;
  return {
    lambda: plan.lambda,
    expectedSaving: worth?.saving ?? null,
    savedUsd: worth === undefined ? null : worth.savedUsd * requests,
    shares: worth?.shares ?? {},
    lowerBound,
    labels,
    expiresAt,
  };
}

const uncertified = { lowerBound: null, labels: { golden: 0, shadow: 0 }, expiresAt: null };
