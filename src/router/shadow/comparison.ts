import type { ChatReply } from "../../openai/index.ts";
import type { LabelCheck } from "../../records/index.ts";

/** What the client's answer was made of, and what the shadow answered: both before any filter of the output. */
export interface Answers {
  served: ChatReply;
  shadow: ChatReply;
}

/** What came of a comparison, in a word; all but the first leave no label. */
export type ComparisonOutcome =
  | "labelled"
  | "not_comparable"
  | "judge_gone"
  | "judge_denied"
  | "judge_busy"
  | "judge_failed"
  | "judge_unclear";

/** `costUsd` is what judging cost, whatever came of it. */
export type Compared = { costUsd: number } & (
  | { outcome: Exclude<ComparisonOutcome, "labelled"> }
  | {
      outcome: "labelled";
      scores: { served: number; shadow: number };
      check: LabelCheck;
      judge: string | null;
    }
);
