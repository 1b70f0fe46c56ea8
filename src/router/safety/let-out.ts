import type { Frame } from "../../openai/index.ts";
import type { AttemptScope } from "../attempt-scope.ts";
import { FilterBlock } from "./filter-block.ts";

/** What may go to the client now. After a block nothing more does. */
export interface LetOut {
  frames: readonly Frame[];
  block?: FilterBlock;
}

/** What a block makes of a text that was to pass as a whole. */
export async function unlessBlocked(frames: () => Promise<readonly Frame[]>): Promise<LetOut> {
  try {
    return { frames: await frames() };
  } catch (error) {
    if (error instanceof FilterBlock) return { frames: [], block: error };
    throw error;
  }
}

/** A stream's frames past the filters of the output. */
export interface StreamGate {
  /** @returns a promise only at the end, where somebody else may be asked */
  push(frame: Frame): LetOut | Promise<LetOut>;
}

/**
 * What a gate lets out of a frame. While somebody else is asked the provider is not waited for, and its
 * silence is no fault of it. The client's leaving does not end the wait, which has a bound of its own: the
 * call is paid for, and is to be in the record.
 */
export async function letThrough(
  gate: StreamGate,
  frame: Frame,
  scope: AttemptScope,
): Promise<LetOut> {
  const out = gate.push(frame);
  if (!(out instanceof Promise)) return out;
  scope.watchdog.pause();
  const settled = await out;
  scope.watchdog.feed();
  return settled;
}
