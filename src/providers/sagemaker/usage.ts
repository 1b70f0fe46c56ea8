import type { Usage } from "../../openai/index.ts";
import { countOf } from "../count-of.ts";
import { fieldsOf } from "./fields.ts";

/** Usage as OpenAI's schema tells it; undefined where the container does not count. */
export function readUsage(told: unknown): Usage | undefined {
  const usage = fieldsOf(told);
  const prompt = countOf(usage["prompt_tokens"]);
  const output = countOf(usage["completion_tokens"]);
  if (prompt === undefined || output === undefined) return undefined;
  const cached = countOf(fieldsOf(usage["prompt_tokens_details"])["cached_tokens"]) ?? 0;
  const reasoning = countOf(fieldsOf(usage["completion_tokens_details"])["reasoning_tokens"]) ?? 0;
  return countUsage(Math.max(0, prompt - cached), output, { cacheRead: cached, reasoning });
}

/** Containers write no cache that is billed. */
export function countUsage(
  input: number,
  output: number,
  more: { cacheRead?: number; reasoning?: number } = {},
): Usage {
  return { input, output, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0, ...more };
}
