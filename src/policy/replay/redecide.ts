import { hashText } from "../../lib/index.ts";
import { picoFromUsd, type RequestRecord } from "../../records/index.ts";
import {
  decideAmong,
  effectiveEnvelope,
  isObserved,
  keepsEnvelope,
  planFor,
  valueUnder,
  type Candidate,
  type ChoiceReason,
  type DecisionField,
  type FollowedPlan,
  type PlanRefusal,
} from "../../routing/index.ts";
import { planName, type PlanEntry, type RouteEntry, type RoutingTable } from "../../table/index.ts";
import type { ReplayBasis } from "./replay-basis.ts";
import { droppedIn, optionsOf, type RecordedOption } from "./recorded-request.ts";

/** One of the backends that a request may go to, and how probably: what is drawn counts by its chance. */
export interface Way {
  backend: string;
  share: number;
  p: number;
  /** At the prices of the table. */
  expectedUsd: number;
  inEnvelope: boolean;
}

export interface Redecided {
  /** At least one; their shares sum to 1. */
  ways: readonly Way[];
  reason: ChoiceReason;
  plan: FollowedPlan | null;
  /** Candidates of whom the record tells nothing: they were none then. */
  unknown: readonly string[];
}

/** Why a record cannot be replayed. */
export type Unplayable =
  | "no_route"
  | "no_estimates"
  | "no_candidate"
  /** The floor is a share of what the baseline was believed to be worth, and the record does not tell. */
  | "no_measure";

/** What the table's policy makes of a request that was recorded under another, by the router's own choice. */
export function redecide(
  record: RequestRecord,
  table: RoutingTable,
  basis: ReplayBasis,
): Redecided | Unplayable {
  const route = own(table.routes, record.route ?? "");
  if (route === undefined) return "no_route";
  const options = optionsOf(record);
  if (options.size === 0) return "no_estimates";
  const followed = planOf(record, route, table);
  const plan = typeof followed === "string" ? null : followed;
  const permitted = candidatesOf(record, { route, table, basis, options, plan });
  const field = fieldOf(permitted, { route, options, followed });
  if (field === undefined) return "no_candidate";
  const decided = decide(field);
  if (needsMeasure(decided.plan, route) && !options.has(route.baseline)) return "no_measure";
  return {
    ways: waysOf(decided.first, route, field.present),
    reason: decided.reason,
    plan: decided.plan,
    unknown: unknownOf(record, route, options),
  };
}

/** Who could be called just then; undefined where nobody was permitted. */
function fieldOf(
  permitted: readonly Candidate[],
  {
    route,
    options,
    followed,
  }: Pick<DecisionField, "route" | "followed"> & Pick<Setting, "options">,
): DecisionField | undefined {
  const callable = permitted.filter(({ backend }) => options.get(backend.name)?.isAway === false);
  const present = callable.length > 0 ? callable : permitted.slice(0, 1);
  const [only] = present;
  if (only === undefined) return undefined;
  const away = permitted.filter((each) => !present.includes(each)).map(({ backend }) => backend);
  const baselineCorrect = options.get(route.baseline)?.p ?? Infinity;
  return { route, permitted, present, away, only, baselineCorrect, followed };
}

function unknownOf(
  record: RequestRecord,
  { candidates }: RouteEntry,
  options: ReadonlyMap<string, RecordedOption>,
): string[] {
  const dropped = droppedIn(record);
  return candidates
    .map(({ backend }) => backend)
    .filter((name) => !options.has(name) && !dropped.has(name));
}

const needsMeasure = (plan: FollowedPlan | null, { selection, quality }: RouteEntry): boolean =>
  plan === null && selection === "CheapestWithinEnvelope" && quality.assurance === "Estimated";

/** By the router's own rule, where there is one; what is drawn by weights counts by them. */
function decide(field: DecisionField): Pick<Redecided, "reason" | "plan"> & { first: Candidate } {
  const { selection } = field.route;
  if (selection === "CheapestWithinEnvelope") return decideAmong(field);
  const reason = selection === "Weighted" ? "weighted" : "ordered";
  return { first: field.only, reason, plan: null };
}

function own<T>(of: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}

/** As it was drawn then, where the plan is the same; else by a draw that is the same whenever it is replayed. */
function planOf(
  record: RequestRecord,
  route: RouteEntry,
  { plans }: RoutingTable,
): FollowedPlan | PlanRefusal {
  const ofTenant =
    record.tenant === null
      ? undefined
      : own(plans, planName({ route: route.name, tenant: record.tenant }));
  const entry = ofTenant ?? own(plans, planName({ route: route.name, tenant: null }));
  const draw = rolloutDraw(record, entry);
  const now = Date.parse(record.ts);
  const judge = record.classifier_digest;
  if (judge !== null) return planFor({ route, entry, draw, classifier: judge, now });
  // The router's order: what is wrong with the plan is found before the classifier is asked.
  const classifier = entry?.current?.model ?? null;
  const found = planFor({ route, entry, draw, classifier, now });
  return typeof found === "string" ? found : "unfamiliar";
}

function rolloutDraw(
  { plan_digest: digest, request_id: id }: RequestRecord,
  entry?: PlanEntry,
): number {
  if (digest !== null && digest === entry?.next?.plan.digest) return 0;
  if (digest !== null && digest === entry?.current?.digest) return 1;
  return hashText(id) / 2 ** 32;
}

interface Setting {
  route: RouteEntry;
  table: RoutingTable;
  basis: ReplayBasis;
  options: ReadonlyMap<string, RecordedOption>;
  plan: FollowedPlan | null;
}

/** The route's candidates that the record knows of, in the author's order. */
function candidatesOf(record: RequestRecord, setting: Setting): Candidate[] {
  const { route, table, basis, options, plan } = setting;
  const tenant = record.tenant === null ? null : (own(table.tenants, record.tenant) ?? null);
  const envelope = isObserved(tenant) ? route.envelope : effectiveEnvelope(route, tenant);
  return route.candidates.flatMap(({ backend: name, weight }) => {
    const option = options.get(name);
    const backend = own(table.backends, name);
    if (option === undefined || backend === undefined) return [];
    const ratio = basis.priceRatio(name);
    const { cost_usd, ttft_p95_ms, total_p95_ms } = option.estimate;
    const estimates = {
      firstTokenP95Ms: ttft_p95_ms ?? 0,
      totalP95Ms: total_p95_ms ?? 0,
      costPicoUsd: picoFromUsd(cost_usd ?? 0) * ratio,
      inputTokens: 0,
      outputTokens: 0,
    };
    const expectedUsd = option.expectedUsd * ratio;
    const candidate: Candidate = {
      backend,
      weight,
      estimates,
      p: option.p,
      expectedPicoUsd: expectedUsd * 1e12,
      inEnvelope: keepsEnvelope(estimates, envelope),
      failing: 0,
      ...valueUnder(plan?.plan, name, { p: option.p, expectedUsd }),
    };
    return [candidate];
  });
}

/** The control arm's share goes to the baseline, and a Weighted route's requests by their weights. */
function waysOf(first: Candidate, route: RouteEntry, present: readonly Candidate[]): Way[] {
  const baseline = present.find(({ backend }) => backend.name === route.baseline);
  const control = baseline === undefined ? 0 : (route.arms?.controlPercent ?? 0) / 100;
  const ways = control > 0 && baseline !== undefined ? [wayOf(baseline, control)] : [];
  const total = present.reduce((sum, { weight }) => sum + weight, 0);
  if (route.selection !== "Weighted" || total === 0) return [...ways, wayOf(first, 1 - control)];
  const weighted = present.filter(({ weight }) => weight > 0);
  return [...ways, ...weighted.map((each) => wayOf(each, ((1 - control) * each.weight) / total))];
}

function wayOf({ backend, p, expectedPicoUsd, inEnvelope }: Candidate, share: number): Way {
  return { backend: backend.name, share, p, expectedUsd: expectedPicoUsd / 1e12, inEnvelope };
}
