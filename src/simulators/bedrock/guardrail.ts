import type { Answer } from "../mind/prompt.ts";
import type { ConverseRequest } from "./converse-request.ts";

// The one rule of the simulated guardrail, whatever its id: this word is not let through.
const blockedWord = /\bforbidden\b/i;
const blockedText = "Sorry, the model cannot answer this question.";

const isGuarded = (request: ConverseRequest): boolean =>
  Boolean(request.guardrailConfig?.guardrailIdentifier);

/** The guardrail's own answer, where the prompt is one that it blocks. */
export function blockedByGuardrail(request: ConverseRequest, text: string): Answer | undefined {
  if (!isGuarded(request) || !blockedWord.test(text)) return undefined;
  return {
    blocks: [{ type: "text", text: blockedText }],
    stopReason: "guardrail_intervened",
    outputTokens: 0,
  };
}

/** The trace, where the request asks for one. */
export function guardrailTrace(request: ConverseRequest, stopReason: string): unknown {
  const trace = request.guardrailConfig?.trace;
  if (!isGuarded(request) || trace === undefined || trace === "disabled") return undefined;
  if (stopReason !== "guardrail_intervened") return { guardrail: {} };
  const customWords = [{ match: "forbidden", action: "BLOCKED", detected: true }];
  const assessment = { wordPolicy: { customWords, managedWordLists: [] } };
  return {
    guardrail: {
      inputAssessment: { [request.guardrailConfig?.guardrailIdentifier ?? ""]: assessment },
    },
  };
}
