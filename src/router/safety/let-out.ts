import type { Frame } from "../../openai/index.ts";
import type { AttemptScope } from "../attempt-scope.ts";
import type { FilterBlock } from "./filter-block.ts";

/** What may go to the client now. After a block nothing more does. */
export interface LetOut {
  frames: readonly Frame[];
  block?: FilterBlock;
}

/** A stream's frames past the filters of the output. */
export interface StreamGate {
  /** @returns a promise only at the end, where somebody else may be asked */
  push(frame: Frame): LetOut | Promise<LetOut>;
}

/**
 * What a gate lets out of a frame. While somebody else is asked the provider is not waited for, and its
 * silence is no fault of it.
 *
 * @throws the reason for which the scope was aborted
 */
export async function letThrough(
  gate: StreamGate,
  frame: Frame,
  scope: AttemptScope,
): Promise<LetOut> {
  const out = gate.push(frame);
  if (!(out instanceof Promise)) return out;
  scope.watchdog.pause();
  const settled = await scope.until(out);
  scope.watchdog.feed();
  return settled;
}
