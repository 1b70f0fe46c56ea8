import { canonicalJson, type Json } from "../lib/index.ts";
import type { ChatReply, ToolCall } from "../openai/index.ts";
import { lastNumber } from "./last-number.ts";
import { normalized } from "./normalized.ts";

/**
 * Whether two answers to one request say the same: the same calls of tools, the same JSON, the same number, or
 * the same few words. No model is asked.
 *
 * @returns undefined where that cannot be told: of answers that were cut off, and of prose, which says one thing
 *   in many ways
 */
export function agreement(one: ChatReply, other: ChatReply): boolean | undefined {
  if (!isWhole(one) || !isWhole(other)) return undefined;
  if (one.toolCalls.length + other.toolCalls.length > 0) {
    return sameCalls(one.toolCalls, other.toolCalls);
  }
  const [left, right] = [readAnswer(one.text), readAnswer(other.text)];
  if (left.kind === "number" || right.kind === "number") return sameNumber(left, right);
  return left.kind === "prose" || right.kind === "prose" ? undefined : left.form === right.form;
}

function isWhole({ finishReason }: ChatReply): boolean {
  return finishReason === "stop" || finishReason === "tool_calls";
}

/** Calls made side by side have no order. */
function sameCalls(one: readonly ToolCall[], other: readonly ToolCall[]): boolean {
  if (one.length !== other.length) return false;
  const [left, right] = [one.map(callText).toSorted(), other.map(callText).toSorted()];
  return left.every((call, index) => call === right[index]);
}

function callText({ name, arguments: given }: ToolCall): string {
  return `${name}\n${jsonText(given) ?? given}`;
}

/** More is prose. */
const mostWords = 8;
const longestWords = 80;

/** `form` is one that equal answers share. */
type Answer =
  | { kind: "json" | "words"; text: string; form: string }
  | { kind: "number"; text: string; value: number }
  | { kind: "prose"; text: string };

function readAnswer(text: string): Answer {
  const json = jsonText(withoutFence(text));
  if (json !== undefined && /^[[{]/.test(json)) return { kind: "json", text, form: json };
  if (text.length > longestWords * 2) return { kind: "prose", text };
  const plain = normalized(text, false);
  if (plainNumber.test(plain)) {
    const value = lastNumber(plain);
    if (value !== undefined) return { kind: "number", text, value };
  }
  const isShort = plain.length <= longestWords && plain.split(" ").length <= mostWords;
  return isShort && plain !== "" ? { kind: "words", text, form: plain } : { kind: "prose", text };
}

/** A number alone, perhaps with a currency or a per-cent sign. */
const plainNumber = /^[$€£¥]? ?[-+−]?[\d,]+(?:\.\d+)?(?:e[-+]?\d{1,3})? ?[%$€£¥]?$/;

/** Whoever says more than the number says it last. */
function sameNumber(one: Answer, other: Answer): boolean | undefined {
  const [left, right] = [valueOf(one), valueOf(other)];
  if (left === undefined || right === undefined) {
    return one.kind === "prose" || other.kind === "prose" ? undefined : false;
  }
  return Math.abs(left - right) <= 1e-9 * Math.max(Math.abs(left), Math.abs(right));
}

const valueOf = (answer: Answer): number | undefined =>
  answer.kind === "number" ? answer.value : lastNumber(answer.text);

const withoutFence = (text: string): string =>
  /^\s*```(?:json)?\n([^`]*)```\s*$/.exec(text)?.[1] ?? text;

function jsonText(text: string): string | undefined {
  try {
    return canonicalJson(JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}
