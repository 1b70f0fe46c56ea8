import type { AnswerBlock } from "../mind/prompt.ts";

/** Everything that a Converse answer says, for both of its forms. */
export interface ConverseAnswer {
  blocks: readonly AnswerBlock[];
  stopReason: string;
  stopSequence?: string;
  usage: Record<string, unknown>;
  sign: (text: string) => string | undefined;
  /** Members that both forms carry beside the usage. */
  extras: Record<string, unknown>;
  additionalFields?: Record<string, unknown>;
}
