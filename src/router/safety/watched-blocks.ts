import type { Progress } from "../progress.ts";
import { measureOf } from "./pass-texts.ts";

/** The filters of a policy that is only watched which would have blocked, as `would_refuse` names them. */
export function watchedBlocks({ inspection }: Progress): string[] {
  const judgements = inspection?.log.judgements ?? [];
  // Nearly always.
  if (judgements.length === 0) return [];
  const blocking = judgements.flatMap(({ armed, failure, matches }) => {
    const { entry, action } = armed;
    if (action === entry.action) return [];
    const measure = measureOf({ ...armed, action: entry.action }, failure ?? matches);
    return measure === "block" ? [`safety/${entry.name}`] : [];
  });
  return [...new Set(blocking)];
}
