import type { EvidenceRow } from "../../records/index.ts";
import { planName, type PlanEntry } from "../../table/index.ts";
import type { PlanInput } from "./plan-input.ts";
import type { PlanScope } from "./plan-scope.ts";

/**
 * What is known of the labels of routes and tenants for which no plan is to be made at present, for as long as
 * there are requests of them. Else a route that was away for an hour would come back with the labels from
 * before its plan was revoked, or of a model that bore the same name.
 *
 * @returns entries without a plan
 */
export function rememberedScopes(
  { previous }: Pick<PlanInput, "previous">,
  scopes: readonly PlanScope[],
  rows: readonly EvidenceRow[],
): PlanEntry[] {
  const present = new Set(
    scopes.map(({ route, tenant }) =>
      planName({ route: route.name, tenant: tenant?.name ?? null }),
    ),
  );
  const away = previous.filter((entry) => !present.has(planName(entry)));
  if (away.length === 0) return [];
  const seen = new Set(
    rows.flatMap(({ route, tenant }) => [
      planName({ route, tenant: null }),
      planName({ route, tenant }),
    ]),
  );
  return away.flatMap((entry) => {
    const { route, tenant, evidence } = entry;
    if (evidence === undefined || !seen.has(planName(entry))) return [];
    return [{ route, tenant, current: null, evidence }];
  });
}
