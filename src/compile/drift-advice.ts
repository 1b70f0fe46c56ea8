import type { Finding, ModelRouteSpec } from "../api/index.ts";
import type { Draft } from "./intake.ts";
import { judge } from "./judgement.ts";
import type { RouteScope } from "./route-scope.ts";
import { unwatchedBecause } from "./settings.ts";

/** What the author of a route that is to be watched for drift may not expect. */
export function adviseOnDrift({ ref, spec }: Draft<ModelRouteSpec>, scope: RouteScope): Finding[] {
  if (spec?.drift === undefined) return [];
  const why = unwatchedBecause(scope.settings);
  if (why !== undefined) {
    const message = `Route ${ref.name} is not watched for drift: ${why}. Ask for that in the operator's configuration, or leave drift out.`;
    return [judge("DriftUnwatched", ref, message, "spec.drift")];
  }
  const name = spec.drift.goldenSet?.configMap.name;
  if (name === undefined || scope.goldenSets.has(name)) return [];
  const message = `Route ${ref.name} names the golden set ${name}, and there is no ConfigMap of that name with the label switchyard.dev/holds: golden-set. Its questions are not asked, so that accuracy is judged by other labels alone: apply it, or correct the name.`;
  return [judge("GoldenSetNotFound", ref, message, "spec.drift.goldenSet.configMap.name")];
}
