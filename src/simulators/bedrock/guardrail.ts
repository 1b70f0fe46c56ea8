import { validationError } from "../aws-error.ts";
import type { Answer } from "../mind/prompt.ts";
import type { ConverseRequest } from "./converse-request.ts";
import { assessmentOf, guardrailUsage } from "./guardrail-assessment.ts";
import {
  blockedText,
  findingsIn,
  isBlocked,
  isKnownGuardrail,
  maskedText,
} from "./guardrail-policies.ts";

/** What the guardrail of one call made of its texts; does nothing where the request names none. */
export interface CallGuardrail {
  /** The guardrail's own answer, where the prompt is one that it blocks. */
  blocked: Answer | undefined;
  /** The model's answer as it may pass. */
  guard: (answer: Answer) => Answer;
  /** The trace, where the request asks for one. */
  trace: () => unknown;
}

/** @throws AwsError where there is no such guardrail */
export function callGuardrail(request: ConverseRequest, prompt: string): CallGuardrail {
  const { guardrailIdentifier: id = "", trace = "disabled" } = request.guardrailConfig ?? {};
  if (id === "") return { blocked: undefined, guard: (answer) => answer, trace: () => undefined };
  if (!isKnownGuardrail(id)) {
    throw validationError(
      "The guardrail identifier or version provided in the request does not exist.",
    );
  }
  const found = findingsIn(prompt, "INPUT");
  let said = "";
  return {
    blocked: isBlocked(found) ? refusal() : undefined,
    guard: (answer) => {
      said = textOf(answer);
      return guarded(answer);
    },
    trace: () => {
      if (trace === "disabled") return undefined;
      const output = assessed(said, findingsIn(said, "OUTPUT"));
      return {
        guardrail: {
          inputAssessment: { [id]: assessed(prompt, found) },
          ...(said === "" ? {} : { outputAssessments: { [id]: [output] } }),
        },
      };
    },
  };
}

const refusal = (): Answer => ({
  blocks: [{ type: "text", text: blockedText }],
  stopReason: "guardrail_intervened",
  outputTokens: 0,
});

const textOf = ({ blocks }: Answer): string =>
  blocks.map((block) => (block.type === "text" ? block.text : "")).join("");

function guarded(answer: Answer): Answer {
  const found = findingsIn(textOf(answer), "OUTPUT");
  if (found.length === 0) return answer;
  if (isBlocked(found)) return { ...refusal(), outputTokens: answer.outputTokens };
  const blocks = answer.blocks.map((block) =>
    block.type === "text" ? { ...block, text: maskedText(block.text, found) } : block,
  );
  return { ...answer, blocks, stopReason: "guardrail_intervened" };
}

function assessed(text: string, findings: ReturnType<typeof findingsIn>): unknown {
  const { length: characters } = text;
  return assessmentOf(findings, { characters, usage: guardrailUsage(characters) });
}
