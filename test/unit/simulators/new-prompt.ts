import type { Prompt } from "../../../src/simulators/mind/prompt.ts";

/** A plain prompt, with what a test cares about put in. */
export function newPrompt(changed: Partial<Prompt>): Prompt {
  return {
    text: "Hello",
    history: changed.text ?? "Hello",
    toolResults: [],
    attachments: [],
    tools: [],
    toolChoice: { type: "auto" },
    parallelTools: true,
    inputTokens: 10,
    stopSequences: [],
    ...changed,
  };
}
