import type { Arrival } from "./arrival.ts";
import type { Refusal } from "../tenancy/index.ts";
import type { AnsweredRequest } from "./answer-stage.ts";
import type { Attempt } from "./attempt.ts";

/** How far a request came: what its record is made from, wherever it ended. */
export type Progress = Arrival &
  Partial<Omit<AnsweredRequest, keyof Arrival>> & {
    /** Set where the caller was not admitted. */
    refused?: Refusal;
  };

/** The attempt that answered, else the last that failed. */
export function servingAttempt({
  attempt,
  attempts,
}: Pick<Progress, "attempt" | "attempts">): Attempt | undefined {
  return attempt ?? attempts?.findLast(({ superseded }) => !superseded);
}

/** How the answer went out. */
export interface Sent {
  /** The status that the client got, or would have: 499 where it left before there was one. */
  status: number;
  bytesOut: number;
  /** By the clock's `elapsed()`; null where nothing of an answer was sent. */
  firstContentAt: number | null;
  /** `error.code` that the client got, in the body or in the stream. */
  errorCode: string | null;
}
