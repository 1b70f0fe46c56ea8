import { label, type GroupQuery } from "./group-queries.ts";
import type {
  GroupBackend,
  GroupLatency,
  GroupRoute,
  GroupSample,
  GroupSpend,
  GroupView,
  Quantiles,
} from "./group-look.ts";

export type GroupAnswers = Readonly<Record<GroupQuery, readonly GroupSample[]>>;

/** What the group's table holds: series of other groups, and of what was there once, are left out. */
export interface GroupNames {
  routes: ReadonlySet<string>;
  backends: ReadonlySet<string>;
  tenants: ReadonlySet<string>;
}

/** As many rows of a kind as a page shows. */
const mostRows = 200;

/** The group as its store's answers tell it. */
export function groupView(
  answers: GroupAnswers,
  names: GroupNames,
  at: number,
): Omit<GroupView, "missing"> {
  return {
    at,
    tables: tablesOf(answers),
    routes: routesOf(answers, names),
    latency: latencyOf(answers, names),
    backends: backendsOf(answers, names),
    spend: spendOf(answers, names),
  };
}

const tablesOf = ({ tables }: GroupAnswers): GroupView["tables"] =>
  tables
    .flatMap(({ labels, value }) =>
      value !== null && Number.isFinite(value)
        ? [{ digest: labels[label.digest] ?? "", routers: value }]
        : [],
    )
    .slice(0, mostRows);

/** Values by labels, joined; NaN, which a quantile of nothing is, is not known, and no rate or sum is infinite. */
function byLabels(samples: readonly GroupSample[], by: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { labels, value } of samples) {
    if (value === null || !Number.isFinite(value)) continue;
    found.set(by.map((name) => labels[name] ?? "").join("\n"), value);
  }
  return found;
}

const valuesOf = (samples: readonly GroupSample[], name: string): string[] => [
  ...new Set(samples.map(({ labels }) => labels[name] ?? "").filter((each) => each !== "")),
];

function routesOf({ requests, fallbacks }: GroupAnswers, { routes }: GroupNames): GroupRoute[] {
  const rates = byLabels(requests, [label.route, label.outcome]);
  const moved = byLabels(fallbacks, [label.route]);
  const outcomes = valuesOf(requests, label.outcome);
  return valuesOf(requests, label.route)
    .filter((route) => routes.has(route))
    .map((route): GroupRoute => {
      const perSecond = outcomes.reduce(
        (sum, each) => sum + (rates.get(`${route}\n${each}`) ?? 0),
        0,
      );
      const share = (part: number) => (perSecond === 0 ? null : part / perSecond);
      return {
        route,
        perSecond,
        failedShare: share(rates.get(`${route}\nfailed`) ?? 0),
        fallbackShare: share(moved.get(route) ?? 0),
      };
    })
    .toSorted((left, right) => right.perSecond - left.perSecond)
    .slice(0, mostRows);
}

function latencyOf(answers: GroupAnswers, { routes, backends }: GroupNames): GroupLatency[] {
  const by = [label.route, label.backend];
  const [firstP50, firstP95] = [
    byLabels(answers.firstTokenP50, by),
    byLabels(answers.firstTokenP95, by),
  ];
  const [totalP50, totalP95] = [byLabels(answers.totalP50, by), byLabels(answers.totalP95, by)];
  const pairs = [...new Set([...firstP50.keys(), ...totalP50.keys()])].toSorted();
  return pairs
    .flatMap((key): GroupLatency[] => {
      const [route = "", backend = ""] = key.split("\n");
      if (!routes.has(route) || !backends.has(backend)) return [];
      const firstToken = quantiles(firstP50.get(key), firstP95.get(key));
      return [
        { route, backend, firstToken, total: quantiles(totalP50.get(key), totalP95.get(key)) },
      ];
    })
    .slice(0, mostRows);
}

function quantiles(p50: number | undefined, p95: number | undefined): Quantiles | null {
  return p50 === undefined || p95 === undefined ? null : { p50Ms: p50 * 1_000, p95Ms: p95 * 1_000 };
}

function backendsOf({ states }: GroupAnswers, { backends }: GroupNames): GroupBackend[] {
  const counts = byLabels(states, [label.backend, label.state]);
  const count = (backend: string, state: string) => counts.get(`${backend}\n${state}`) ?? 0;
  return valuesOf(states, label.backend)
    .filter((backend) => backends.has(backend))
    .map((backend) => ({
      backend,
      ready: count(backend, "closed"),
      triedAgain: count(backend, "half_open"),
      ejected: count(backend, "open"),
    }))
    .toSorted(
      (left, right) => right.ejected - left.ejected || left.backend.localeCompare(right.backend),
    )
    .slice(0, mostRows);
}

function spendOf(
  { cost, baseline, saved, used, most }: GroupAnswers,
  { tenants }: GroupNames,
): GroupSpend[] {
  const by = [label.tenant];
  const [costs, baselines, savings] = [
    byLabels(cost, by),
    byLabels(baseline, by),
    byLabels(saved, by),
  ];
  const bounds = byLabels(most, [label.tenant, label.limit]);
  const uses = byLabels(used, [label.tenant, label.limit]);
  const limits = valuesOf(most, label.limit);
  const known = new Set([...valuesOf(cost, label.tenant), ...valuesOf(most, label.tenant)]);
  return [...known]
    .filter((tenant) => tenants.has(tenant) || tenant === "other")
    .map((tenant): GroupSpend => {
      const baselineUsd = baselines.get(tenant) ?? 0;
      return {
        tenant,
        costUsd: costs.get(tenant) ?? 0,
        baselineUsd,
        savedShare: baselineUsd === 0 ? null : (savings.get(tenant) ?? 0) / baselineUsd,
        budgets: limits.flatMap((limit) => {
          const bound = bounds.get(`${tenant}\n${limit}`);
          if (bound === undefined) return [];
          const spent = uses.get(`${tenant}\n${limit}`) ?? 0;
          return [{ limit, used: spent, most: bound, share: bound === 0 ? 1 : spent / bound }];
        }),
      };
    })
    .toSorted((left, right) => right.costUsd - left.costUsd)
    .slice(0, mostRows);
}
