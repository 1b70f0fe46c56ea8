import { planName, type PlanEntry } from "../table/index.ts";
import { classifierOf, type Snapshot } from "./snapshot.ts";

type Planned = Pick<Snapshot, "table" | "classifiers">;

/**
 * Plans that no request follows, because each was made with another classifier than judges its route's
 * requests here: after an upgrade these are all of those that were made with the classifier of the release before.
 *
 * @returns their names, `ROUTE` or `ROUTE/TENANT`
 */
export function ignoredPlans({ table, classifiers }: Planned): string[] {
  return Object.values(table.plans).filter(isIgnored).map(planName);

  function isIgnored({ route, current, next }: PlanEntry): boolean {
    const served = table.routes[route];
    if (served === undefined) return false;
    const model = classifierOf({ classifiers }, served)?.digest ?? null;
    const plans = [current, next?.plan ?? null].filter((plan) => plan !== null);
    return plans.length > 0 && plans.every((plan) => plan.model !== model);
  }
}

/** In a sentence for people, without a full stop; empty where there are none. */
export function ignoredPlanProblems(snapshot: Planned | undefined): string[] {
  const [first, ...others] = snapshot === undefined ? [] : ignoredPlans(snapshot);
  if (first === undefined) return [];
  const [whose, them] =
    others.length === 0
      ? [`The plan ${first} was`, "it"]
      : [`${others.length + 1} plans (${first} among them) were`, "them"];
  return [
    `${whose} made with another classifier than the one that judges here, so no request follows ${them}: ` +
      "Certified routes are served by their baseline",
  ];
}
