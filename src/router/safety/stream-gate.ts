import { hasWindow, holdsBack, type ArmedFilter } from "./armed-filters.ts";
import { BufferGate } from "./buffer-gate.ts";
import type { StreamGate } from "./let-out.ts";
import type { Passage } from "./pass-texts.ts";
import { WindowGate } from "./window-gate.ts";

/** The gate that an answer of these filters needs; undefined where frames pass as they are. */
export function openGate(passage: Passage): StreamGate | undefined {
  const { filters, placeholders } = passage.inspection;
  if (filters.output.length === 0 && !placeholders.restores) return undefined;
  return filters.output.some(holdsAll) ? new BufferGate(passage) : new WindowGate(passage);
}

/** Whether nothing may go out before the filter has seen the whole. */
function holdsAll(armed: ArmedFilter): boolean {
  return holdsBack(armed) && (armed.entry.streaming === "Buffer" || !hasWindow(armed));
}
