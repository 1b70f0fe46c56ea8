import type { Frame } from "../../openai/index.ts";
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
