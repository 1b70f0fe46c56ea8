import {
  planFindings,
  type PlanFinding,
  type PlanOutput,
  type PlanReport,
} from "../policy/index.ts";
import { planName, type PlanEntry } from "../table/index.ts";
import { planConfigMaps } from "./plan-config-map.ts";

interface Room {
  namespace: string;
  routerClass: string;
  /** ConfigMaps that the plans may take. */
  maps: number;
  previous: readonly PlanEntry[];
}

/** A plan that routers have gives way only to one that saves so much more: else two would take turns. */
const incumbent = 2;
const namedAtMost = 5;

/**
 * Leaves out the plans that save least where there are more than a job may write, and says so. What is
 * remembered without a plan stays, and pooled plans too, since whoever has no plan of its own follows them.
 */
export function withinRoom<Output extends PlanOutput>(output: Output, room: Room): Output {
  const { plans } = output;
  const fits = (some: readonly PlanEntry[]): boolean =>
    planConfigMaps(room, some).length <= room.maps;
  if (fits(plans)) return output;
  const ranked = rank(output, room.previous);
  let [most, tooMany] = [0, plans.length];
  while (tooMany - most > 1) {
    const middle = (most + tooMany) >> 1;
    const some = new Set(ranked.slice(0, middle));
    if (fits(plans.filter((entry) => some.has(entry)))) most = middle;
    else tooMany = middle;
  }
  const left = new Set(ranked.slice(most));
  const names = new Set([...left].map(planName));
  const kept = plans.filter((entry) => !left.has(entry));
  return {
    ...output,
    plans: kept,
    findings: [...output.findings, ...findingsOf(left, room.maps)],
    report: output.report.map((line) =>
      names.has(planName(line)) ? withoutPlan(line, kept) : line,
    ),
  };
}

/** What is to stay longest comes first. */
function rank({ plans, report }: PlanOutput, previous: readonly PlanEntry[]): PlanEntry[] {
  const saved = new Map(report.map((line) => [planName(line), line.savedUsd ?? 0]));
  const known = new Set(previous.map(planName));
  const worth = (entry: PlanEntry): number => {
    const isPlanless = entry.current === null && entry.next === undefined;
    if (entry.tenant === null || isPlanless) return Infinity;
    const name = planName(entry);
    return (saved.get(name) ?? 0) * (known.has(name) ? incumbent : 1);
  };
  return plans
    .map((entry) => ({ entry, worth: worth(entry) }))
    .toSorted((left, right) => (left.worth === right.worth ? 0 : right.worth - left.worth))
    .map(({ entry }) => entry);
}

/** One a route: a thousand lines would say no more. */
function findingsOf(left: ReadonlySet<PlanEntry>, maps: number): PlanFinding[] {
  return [...Map.groupBy(left, ({ route }) => route)].map(([route, entries]) => {
    const names = entries.map(({ tenant }) => tenant ?? "all");
    const more = names.length > namedAtMost ? ` and ${names.length - namedAtMost} more` : "";
    const listed = `${names.slice(0, namedAtMost).join(", ")}${more}`;
    return {
      code: "PlansLeftOut",
      severity: planFindings.PlansLeftOut,
      route,
      tenant: null,
      message: `the ${maps} ConfigMaps that the job may write have no room for all plans: those that save least are left out, of ${listed}; they follow the pooled plan. Set plan.enabled to false for tenants of little traffic, or give some routes a class of their own`,
    };
  });
}

function withoutPlan(line: PlanReport, kept: readonly PlanEntry[]): PlanReport {
  const pooled = kept.find(({ route, tenant }) => route === line.route && tenant === null);
  return {
    ...line,
    serves: (pooled?.current ?? null) === null ? "baseline" : "pooled",
    rollout: null,
    because: "there is no room for its own plan, which saves little",
  };
}
