import type { Finding, ResourceRef } from "../api/index.ts";
import type { RouteEntry, TenantEntry } from "../table/index.ts";
import { compareTexts, judge, listed } from "./judgement.ts";

/** Filters of answers that a tenant demands, where a route answers with numbers: they see nothing there. */
export function adviseOnFilters(
  ref: ResourceRef,
  { safety = [] }: TenantEntry,
  routes: readonly RouteEntry[],
): Finding[] {
  if (!safety.some(({ stage }) => stage === "Output")) return [];
  const embedding = routes.flatMap(({ type, name }) => (type === "Embeddings" ? name : []));
  if (embedding.length === 0) return [];
  const where = `${embedding.length === 1 ? "route" : "routes"} ${listed(embedding.toSorted(compareTexts))}`;
  return safety.flatMap(({ stage, name }, index) => {
    if (stage !== "Output") return [];
    const message = `Tenant ${ref.name} demands filter ${name} of answers, and ${where} give vectors, in which it finds nothing: set stage to Both to have it see what is sent, or keep the tenant from embeddings by its selector.`;
    return [judge("FilterNotRun", ref, message, `spec.safety[${index}].stage`)];
  });
}
