import { createHash } from "node:crypto";
import { canonicalJson, type Json } from "../lib/index.ts";
import type { BackendEntry } from "./routing-table.ts";

/** What answers and costs follow from. */
type Marked = Pick<BackendEntry, "prices" | "target" | "tier" | "ability">;

const known = new WeakMap<Marked, string>();

/**
 * Names what a backend's labels and costs speak of: with another model, price, tier or ability they speak of
 * something else, though it bears the same name. `PlanEvidence.backends` holds it.
 */
export function backendMark(entry: Marked): string {
  const found = known.get(entry);
  if (found !== undefined) return found;
  const { prices, target, tier, ability } = entry;
  const content = { prices, target, tier, ability: ability ?? null };
  const mark = createHash("sha256")
    .update(canonicalJson(content as unknown as Json))
    .digest("hex")
    .slice(0, 16);
  known.set(entry, mark);
  return mark;
}
