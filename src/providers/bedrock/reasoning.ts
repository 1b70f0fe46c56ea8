import type { ChatRequest, ReasoningEffort } from "../../openai/index.ts";
import type { Turned } from "./messages.ts";
import type { Translation } from "./translation.ts";

/** The least that Claude takes. */
const leastBudget = 1024;

/** Room for the answer after the thoughts, where the client sets no bound. */
export const answerRoom = 4096;

const claudeBudgets: Record<Exclude<ReasoningEffort, "none">, number> = {
  minimal: leastBudget,
  low: leastBudget,
  medium: 2048,
  high: 4096,
  xhigh: 8192,
  max: 16_384,
};

/** @returns Claude's budget of tokens to think with; undefined where it is not to think */
export function thinkingBudget(
  request: ChatRequest,
  messages: readonly Turned[],
  translation: Translation,
): number | undefined {
  if (translation.family !== "claude" || !translation.supports("Reasoning")) return undefined;
  const wanted = explicitBudget(request) ?? effortBudget(request.reasoning_effort);
  if (wanted === undefined || !mayThink(messages)) return undefined;
  const bound = request.max_completion_tokens ?? request.max_tokens;
  const most = Math.min(bound ?? Number.POSITIVE_INFINITY, translation.backend.maxOutputTokens) - 1;
  return most < leastBudget ? undefined : Math.max(leastBudget, Math.min(wanted, most));
}

function effortBudget(effort: ReasoningEffort | undefined): number | undefined {
  return effort === undefined || effort === "none" ? undefined : claudeBudgets[effort];
}

/** Clients of several gateways send Anthropic's own field. */
function explicitBudget(request: ChatRequest): number | undefined {
  const { thinking } = request as { thinking?: unknown };
  const { type, budget_tokens: budget } = (thinking ?? {}) as Record<string, unknown>;
  return type === "enabled" && Number.isSafeInteger(budget) ? (budget as number) : undefined;
}

/**
 * Claude goes on thinking after its calls only from the thoughts that led to them, and never from
 * words put into its mouth.
 */
function mayThink(messages: readonly Turned[]): boolean {
  if (messages.at(-1)?.role === "assistant") return false;
  const blocks = messages.findLast(({ role }) => role === "assistant")?.content ?? [];
  const called = blocks.some(({ toolUse }) => toolUse !== undefined);
  return !called || blocks[0]?.reasoningContent !== undefined;
}

/** Nova and gpt-oss take three levels. */
export function threeLevels(
  effort: ReasoningEffort | undefined,
): "low" | "medium" | "high" | undefined {
  switch (effort) {
    case undefined:
    case "none":
      return undefined;
    case "minimal":
    case "low":
      return "low";
    case "medium":
      return "medium";
    default:
      return "high";
  }
}
