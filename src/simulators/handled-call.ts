import type { Random } from "../lib/index.ts";

import type { CallRecord } from "./calls.ts";
import type { SimulatedModel } from "./catalogue.ts";
import type { Answer } from "./mind/prompt.ts";
import type { Pace } from "./pacing.ts";

/** A call that was let in, whatever it is of. */
export interface OpenedCall {
  /** What its path names. */
  names: readonly [name: string, ...more: string[]];
  body: Buffer;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  record: CallRecord;
  seed: number;
  /** Milliseconds since the epoch. */
  now: number;
  /** Chance for what differs from call to call: frame sizes, paddings, ids. */
  random: Random;
}

/** A call of a model, as the handlers of its operations get it. */
export interface HandledCall extends OpenedCall {
  model: SimulatedModel;
  newToolUseId(): string;
  pace(inputTokens: number): Pace;
  /** What a fault makes of the answer. */
  bend(answer: Answer): Answer;
}
