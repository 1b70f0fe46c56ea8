import type { PlanRow } from "./plan-row.ts";
import { planName, type Plan, type PlanEntry, type TenantEntry } from "../../table/index.ts";
import { overspendingText, projectBudgets } from "./budget-projection.ts";
import {
  planFindings,
  type PlanFinding,
  type PlanInput,
  type PlanOutput,
  type PlanReport,
} from "./plan-input.ts";
import { chooseFor } from "./plan-policy.ts";
import {
  planScope,
  type LabelView,
  type ScopeInput,
  type ScopeOutput,
} from "./plan-scope-entry.ts";
import { candidatesOf, scopesOf, type PlanScope } from "./plan-scope.ts";
import { policyOf } from "./propose-plan.ts";
import { RouteEvidence } from "./route-evidence.ts";
import { rememberedScopes } from "./remembered-scopes.ts";
import { byTime, isTraffic, scoreRow } from "./scored-row.ts";
import { watchPlan } from "./watch-plan.ts";

/**
 * The plans of a group: for each route that chooses by cost a pooled one, and one for each tenant that wants
 * its own and has the labels for it. A function of its input alone: the same again changes nothing.
 */
export function planGroup(input: PlanInput): PlanOutput {
  // In one order, whatever order they come in: sums of the same are to be the same to the last bit.
  const evidence = input.evidence.toSorted(byTime);
  const byRoute = Map.groupBy(evidence, ({ route }) => route);
  let ofRoute = new RouteEvidence([]);
  const previous = new Map(input.previous.map((entry) => [planName(entry), entry]));
  const plans: PlanEntry[] = [];
  const findings: PlanFinding[] = [];
  const report: PlanReport[] = [];
  let pooled: PlanEntry | undefined;
  const scopes = scopesOf(input.table);
  for (const scope of scopes) {
    if (scope.tenant === null) ofRoute = new RouteEvidence(byRoute.get(scope.route.name) ?? []);
    const before = previous.get(
      planName({ route: scope.route.name, tenant: scope.tenant?.name ?? null }),
    );
    if (scope.tenant === null) pooled = undefined;
    const made = planScope(scopeInput(scope, ofRoute, before, pooled, input), input);
    const settled = scope.tenant === null ? made : settleTenant(made, pooled, ofRoute, input);
    if (scope.tenant === null) pooled = made.entry;
    if (isKept(settled.entry)) plans.push(settled.entry);
    findings.push(...settled.findings);
    report.push(settled.report);
  }
  const kept = rememberedScopes(input, scopes, evidence);
  return {
    plans: [...plans, ...kept],
    findings: [...findings, ...budgetFindings(plans, input)],
    report,
  };
}

/** A tenant without a plan of its own has no entry: the route's pooled plan is its. */
const isKept = ({ tenant, current, next, evidence }: PlanEntry): boolean =>
  tenant === null ||
  current !== null ||
  next !== undefined ||
  evidence?.because === "Revoked" ||
  evidence?.because === "RolledBack";

function scopeInput(
  scope: PlanScope,
  ofRoute: RouteEvidence,
  previous: PlanEntry | undefined,
  pooled: PlanEntry | undefined,
  input: PlanInput,
): ScopeInput {
  const { tenant } = scope;
  if (tenant === null) {
    const labels: LabelView = (eyes, from) => ofRoute.labels(eyes, from);
    return { scope, rows: ofRoute.rows, labels, previous, since: 0 };
  }
  const rows = ofRoute.of(tenant.name);
  const labels: LabelView = (eyes, from) => ofRoute.labelsOf(tenant.name, eyes, from);
  const pool: LabelView = (eyes, from) => ofRoute.labelsOfOthers(tenant.name, eyes, from);
  // What voids the pool's labels voids the tenant's: they are of the same models at the same prices, and a
  // model that has fallen behind for all is not as good as a tenant's old labels say.
  const since = pooled?.evidence?.since ?? 0;
  return {
    scope,
    rows,
    labels,
    previous,
    since,
    ...(makesKnown(pool, scope, input) ? { pool } : {}),
  };
}

/** Labels of a tenant from which on it counts as one that makes a route known. */
const fewestOfTenant = 20;

/** Where the route is new to everybody, shrinking a tenant towards the others would only hide that. */
function makesKnown(
  pool: LabelView,
  scope: PlanScope,
  { settings, table, builtInClassifier }: PlanInput,
): boolean {
  const candidates = candidatesOf(scope, table.backends);
  if (candidates.length < 2) return false;
  const model = scope.route.classifier ?? builtInClassifier;
  const labelled = pool({ candidates, model }, 0);
  if (labelled.length < settings.knownLabels) return false;
  const byTenant = Map.groupBy(
    labelled.filter(({ source }) => source === "shadow"),
    ({ tenant }) => tenant,
  );
  const telling = [...byTenant].filter(
    ([tenant, some]) => tenant !== null && some.length >= fewestOfTenant,
  );
  return telling.length >= settings.knownTenants;
}

/**
 * A tenant whose own comparisons speak against the pooled plan is served by the baseline, until labels of its
 * own certify something: the pool's floor is kept over all, not for each.
 */
function settleTenant(
  made: ScopeOutput,
  pooled: PlanEntry | undefined,
  ofRoute: RouteEvidence,
  input: PlanInput,
): ScopeOutput {
  const { entry, report } = made;
  const shared = pooled?.current ?? null;
  if (isKept(entry)) return made;
  if (shared === null) return made;
  if (!isBrokenFor(entry, shared, ofRoute, input)) {
    return { ...made, report: { ...report, serves: "pooled" } };
  }
  const message = `its own comparisons speak against the pooled plan: the baseline serves it`;
  const { evidence } = entry;
  return {
    entry: {
      ...entry,
      ...(evidence === undefined
        ? {}
        : { evidence: { ...evidence, since: input.now, because: "Revoked" } }),
    },
    findings: [
      ...made.findings,
      {
        code: "PlanRevoked",
        severity: planFindings.PlanRevoked,
        route: entry.route,
        tenant: entry.tenant,
        message,
      },
    ],
    report: { ...report, because: message },
  };
}

function isBrokenFor(
  { route, tenant }: PlanEntry,
  shared: Plan,
  ofRoute: RouteEvidence,
  { settings, table }: PlanInput,
): boolean {
  const entry = table.routes[route];
  if (entry === undefined || tenant === null) return false;
  const candidates = candidatesOf({ route: entry, tenant: null }, table.backends);
  const own = ofRoute.labelsOf(tenant, { candidates, model: shared.model });
  return watchPlan(shared, own, settings.watchRisk).isRevoked;
}

function budgetFindings(plans: readonly PlanEntry[], input: PlanInput): PlanFinding[] {
  const byTenant = Map.groupBy(input.evidence.filter(isTraffic), ({ tenant }) => tenant);
  const planned = new Map(plans.map((entry) => [planName(entry), entry]));
  return Object.values(input.table.tenants).flatMap((tenant) => {
    const rows = byTenant.get(tenant.name) ?? [];
    const costUsd = (row: PlanRow): number => plannedCost(row, tenant, planned, input);
    return projectBudgets(tenant, rows, costUsd, input.now).map((overspending) => ({
      code: "BudgetTooSmall" as const,
      severity: planFindings.BudgetTooSmall,
      route: rows[0]?.route ?? "",
      tenant: tenant.name,
      message: overspendingText(overspending),
    }));
  });
}

/** By the plan that the request would follow now; what it has cost where none would be. */
function plannedCost(
  row: PlanRow,
  tenant: TenantEntry,
  plans: ReadonlyMap<string, PlanEntry>,
  { table }: PlanInput,
): number {
  const route = table.routes[row.route];
  const entry =
    plans.get(planName({ route: row.route, tenant: tenant.name })) ??
    plans.get(planName({ route: row.route, tenant: null }));
  const plan = entry?.current ?? null;
  if (route === undefined || plan === null) return row.costUsd;
  const candidates = candidatesOf({ route, tenant: null }, table.backends);
  const policy = policyOf(plan, candidates);
  const scored = policy && scoreRow(row, { candidates, model: plan.model });
  if (policy === undefined || scored === undefined) return row.costUsd;
  return scored.costUsd[chooseFor(scored, policy)] ?? row.costUsd;
}
