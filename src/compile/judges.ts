import type { Finding } from "../api/index.ts";
import type { ArmsEntry, RouteEntry } from "../table/index.ts";
import type { SettledRoute } from "./classifiers.ts";
import { judge } from "./judgement.ts";

/**
 * Takes the shadows from routes whose judge cannot judge: they would cost money and teach nothing that
 * their author wants to know.
 */
export function settleJudges(
  settled: readonly SettledRoute[],
  findings: Finding[],
): SettledRoute[] {
  const routes = new Map(settled.map(({ entry }) => [entry.name, entry]));
  return settled.map((route) => {
    const { comparison } = route.entry.arms ?? {};
    if (comparison?.type !== "Judge") return route;
    const why = unfitness(comparison.judge, route.entry, routes);
    if (why === undefined) return route;
    const message = `Route ${route.entry.name} has its shadows judged by route ${comparison.judge}, ${why}, so no shadows are sent: name a Chat route of the same class.`;
    findings.push(
      judge("JudgeNotFound", route.draft.ref, message, "spec.arms.comparison.judge.route.name"),
    );
    return { ...route, entry: withoutShadows(route.entry) };
  });
}

/** Why a route cannot judge another's answers; undefined where it can. */
function unfitness(
  name: string,
  judged: RouteEntry,
  routes: ReadonlyMap<string, RouteEntry>,
): string | undefined {
  if (name === judged.name) return "which is itself";
  const found = routes.get(name);
  if (found === undefined) return "which its group does not have";
  return found.type === "Chat" ? undefined : "which is no Chat route";
}

const known = new WeakMap<RouteEntry, RouteEntry>();

function withoutShadows(entry: RouteEntry): RouteEntry {
  const found = known.get(entry);
  if (found !== undefined) return found;
  const { arms, ...rest } = entry;
  const controlPercent = arms?.controlPercent ?? 0;
  const left: ArmsEntry = { shadowPercent: 0, controlPercent };
  const changed = controlPercent === 0 ? rest : { ...rest, arms: left };
  known.set(entry, changed);
  return changed;
}
