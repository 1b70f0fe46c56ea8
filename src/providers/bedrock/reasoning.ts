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
  const bound = Math.min(
    request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY,
    translation.backend.maxOutputTokens,
  );
  const budget = explicitBudget(request, bound) ?? effortBudget(request.reasoning_effort, bound);
  return budget === undefined || budget < leastBudget || !mayThink(messages) ? undefined : budget;
}

/** A quarter of the client's bound is left for the answer. */
function effortBudget(effort: ReasoningEffort | undefined, bound: number): number | undefined {
  if (effort === undefined || effort === "none") return undefined;
  return Math.min(claudeBudgets[effort], Math.floor(bound * 0.75));
}

/** Clients of several gateways send Anthropic's own field. */
function explicitBudget(request: ChatRequest, bound: number): number | undefined {
  const { thinking } = request as { thinking?: unknown };
  const { type, budget_tokens: budget } = (thinking ?? {}) as Record<string, unknown>;
  if (type !== "enabled" || !Number.isSafeInteger(budget)) return undefined;
  return Math.min(Math.max(leastBudget, budget as number), bound - 1);
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

/**
 * At its highest effort Nova takes no bound on its answer. A client's bound is what its tenant's budget is
 * reserved by: it is kept, and the model thinks one level less.
 */
export function novaEffort(
  request: ChatRequest,
  { supports }: Pick<Translation, "supports">,
): "low" | "medium" | "high" | undefined {
  const effort = supports("Reasoning") ? threeLevels(request.reasoning_effort) : undefined;
  const bounded = (request.max_completion_tokens ?? request.max_tokens) !== undefined;
  return effort === "high" && bounded ? "medium" : effort;
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
