import { backendMark, type BackendEntry, type PlanEvidence } from "../../table/index.ts";

export function basisOf(
  candidates: readonly string[],
  backends: Readonly<Record<string, BackendEntry>>,
  model: string,
): Pick<PlanEvidence, "model" | "backends"> {
  const marks: Record<string, string> = {};
  for (const name of candidates.toSorted()) {
    const backend = backends[name];
    if (backend !== undefined) marks[name] = backendMark(backend);
  }
  return { model, backends: marks };
}

/**
 * What has changed since, as a phrase; undefined where all that was there is still the same. What went and comes
 * back as another has changed as well.
 */
export function changeOf(
  before: PlanEvidence,
  now: Pick<PlanEvidence, "model" | "backends">,
): string | undefined {
  const marks = new Map(Object.entries(before.backends));
  const changed = Object.entries(now.backends)
    .filter(([name, mark]) => (marks.get(name) ?? mark) !== mark)
    .map(([name]) => name);
  if (changed.length > 0) return `the model, price or ability of ${changed.join(", ")}`;
  return before.model === now.model ? undefined : "the classifier";
}

/** As long as labels from before count, it is remembered of what they are; of backends that are gone too. */
export const together = (
  before: PlanEvidence,
  { model, backends }: Pick<PlanEvidence, "model" | "backends">,
): PlanEvidence => ({ ...before, model, backends: { ...before.backends, ...backends } });
