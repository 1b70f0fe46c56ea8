import { createHash } from "node:crypto";
import { canonicalJson, type Json } from "../../lib/index.ts";
import type { BackendEntry, PlanEvidence } from "../../table/index.ts";

/** Names what a backend's labels and costs speak of: with another model or price they speak of something else. */
function markOf({ prices, target, tier, ability }: BackendEntry): string {
  const content = { prices, target, tier, ability: ability ?? null };
  return createHash("sha256")
    .update(canonicalJson(content as unknown as Json))
    .digest("hex")
    .slice(0, 16);
}

export function basisOf(
  candidates: readonly string[],
  backends: Readonly<Record<string, BackendEntry>>,
  model: string,
): Pick<PlanEvidence, "model" | "backends"> {
  const marks: Record<string, string> = {};
  for (const name of candidates.toSorted()) {
    const backend = backends[name];
    if (backend !== undefined) marks[name] = markOf(backend);
  }
  return { model, backends: marks };
}

/** What has changed since, as a phrase; undefined where all that was there is still the same. */
export function changeOf(
  before: PlanEvidence,
  now: Pick<PlanEvidence, "model" | "backends">,
): string | undefined {
  const changed = Object.entries(now.backends)
    .filter(([name, mark]) => (before.backends[name] ?? mark) !== mark)
    .map(([name]) => name);
  if (changed.length > 0) return `the model, price or ability of ${changed.join(", ")}`;
  return before.model === now.model ? undefined : "the classifier";
}
