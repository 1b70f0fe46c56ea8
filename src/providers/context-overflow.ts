// Vendors and containers say it in words alone: Bedrock's models, vLLM and LMI, TGI.
const overflow =
  /too many (?:input )?tokens|too many total text bytes|input is too long|prompt is too long|maximum context length|exceeds? the (?:model's )?(?:maximum )?context|`inputs` (?:must have less than|tokens \+ `max_new_tokens` must be)/i;

/** Whether a message says that the conversation is longer than the model's context. */
export const tellsContextOverflow = (message: string): boolean => overflow.test(message);
