import { hashText, seededRandom, type Random } from "../../lib/index.ts";

import type { SimulatedModel } from "../catalogue.ts";
import type { Answer, AnswerBlock, Prompt, StopReason } from "./prompt.ts";
import { wantedLength, writeProse } from "./prose.ts";
import { solveQuestion } from "./questions.ts";
import { instanceOf } from "./schema-instance.ts";
import { answersRightly } from "./skill.ts";
import { countTokens, splitTokens } from "./tokens.ts";
import { chooseTools } from "./tool-calls.ts";

/** What a model needs beside the prompt: the seed, and ids for its tool calls. */
export interface AnswerSource {
  model: SimulatedModel;
  seed: number;
  newToolUseId(): string;
}

// Thinking makes a model better at hard questions, by about half a tier.
const thinkingBonus = 0.08;

/** What the model answers: equal seed, model and prompt give an equal answer, but for the ids of tool calls. */
export function answerPrompt(prompt: Prompt, source: AnswerSource): Answer {
  const random = seededRandom(hashText(`${source.seed}|${source.model.id}|${prompt.history}`));
  const solution = answerQuestion(prompt, source, random);
  const tools = chooseTools(prompt);
  const blocks: AnswerBlock[] = [];
  if (prompt.thinkingTokens !== undefined) blocks.push(think(prompt, random));
  if (tools.length === 0) {
    blocks.push({
      type: "text",
      text:
        prompt.schema === undefined
          ? speak(prompt, random, solution)
          : fillSchema(prompt, random, solution),
    });
    return cut(blocks, prompt, source.model, "end_turn");
  }
  if (prompt.toolChoice.type === "auto")
    blocks.push({
      type: "text",
      text: `I will use ${tools.map((tool) => tool.name).join(" and ")}.`,
    });
  for (const tool of tools) {
    const input = asObject(
      instanceOf(tool.schema, { random, prompt: prompt.text, answer: solution }),
    );
    blocks.push({ type: "toolUse", id: source.newToolUseId(), name: tool.name, input });
  }
  return cut(blocks, prompt, source.model, "tool_use");
}

const asObject = (value: unknown): unknown =>
  typeof value === "object" && value !== null ? value : {};

function answerQuestion(prompt: Prompt, source: AnswerSource, random: Random): string | undefined {
  const solved = solveQuestion(prompt.text);
  if (solved === undefined) return undefined;
  const skill = source.model.skill + (prompt.thinkingTokens === undefined ? 0 : thinkingBonus);
  if (answersRightly(source.seed, source.model.id, skill, prompt.text)) return solved.answer;
  return solved.wrong[Math.floor(random() * solved.wrong.length)] ?? "unknown";
}

function think(prompt: Prompt, random: Random): AnswerBlock {
  const tokens = Math.min(20 + random() * 120, (prompt.thinkingTokens ?? 0) / 2);
  return {
    type: "reasoning",
    text: `Let me think about this. ${writeProse(prompt.text, random, tokens)}`,
  };
}

function fillSchema(prompt: Prompt, random: Random, solution: string | undefined): string {
  return JSON.stringify(
    instanceOf(prompt.schema, { random, prompt: prompt.text, answer: solution }),
  );
}

function speak(prompt: Prompt, random: Random, solution: string | undefined): string {
  if (prompt.toolResults.length > 0) return quoteResults(prompt);
  const parts: string[] = prompt.attachments.map(describeAttachment);
  parts.push(obey(prompt.text) ?? answerWords(prompt, random, solution));
  return parts.join(" ");
}

function answerWords(prompt: Prompt, random: Random, solution: string | undefined): string {
  if (solution === undefined)
    return writeProse(prompt.text, random, wantedLength(prompt.text, random));
  return /\bonly\b|\bjust the\b/i.test(prompt.text) ? solution : `The answer is ${solution}.`;
}

function quoteResults(prompt: Prompt): string {
  return prompt.toolResults
    .map((result) =>
      result.failed ? `The tool failed: ${result.text}` : `According to the tool: ${result.text}`,
    )
    .join("\n");
}

function describeAttachment(attachment: Prompt["attachments"][number]): string {
  const name = attachment.name === undefined ? "" : ` "${attachment.name}"`;
  return `I see the ${attachment.kind}${name} (${attachment.format}, ${attachment.bytes} bytes).`;
}

/** Two commands that every simulated model obeys to the letter, for tests that need known words. */
function obey(text: string): string | undefined {
  const repeated = /\brepeat(?: after me| exactly)?:\s*([\s\S]+)$/i.exec(text)?.[1];
  if (repeated !== undefined) return repeated.trim();
  const range = /\bcount from (\d{1,5}) to (\d{1,5})\b/i.exec(text);
  if (range === null) return undefined;
  const [from, to] = [Number(range[1]), Number(range[2])];
  return Array.from({ length: Math.max(0, to - from) + 1 }, (_, index) => from + index).join(", ");
}

// A stop sequence ends the text before it, a limit ends it wherever it is met; what comes first counts.
function cut(
  blocks: readonly AnswerBlock[],
  prompt: Prompt,
  model: SimulatedModel,
  natural: StopReason,
): Answer {
  const limit = Math.min(prompt.maxTokens ?? model.maxOutputTokens, model.maxOutputTokens);
  const room = model.contextWindow - prompt.inputTokens;
  const kept: AnswerBlock[] = [];
  let left = Math.min(limit, room);
  const end = (stopReason: StopReason, stopSequence?: string): Answer => ({
    blocks: kept,
    stopReason,
    ...(stopSequence === undefined ? {} : { stopSequence }),
    outputTokens: Math.min(limit, room) - left,
  });
  for (const block of blocks) {
    const stopped = block.type === "text" ? stopText(block.text, prompt.stopSequences) : undefined;
    const shortened = fit(
      stopped === undefined ? block : { type: "text", text: stopped.text },
      left,
    );
    if (shortened.block !== undefined) kept.push(shortened.block);
    left -= shortened.tokens;
    if (!shortened.whole) return end(room < limit ? "model_context_window_exceeded" : "max_tokens");
    if (stopped !== undefined) return end("stop_sequence", stopped.sequence);
  }
  return end(natural);
}

function stopText(
  text: string,
  sequences: readonly string[],
): { text: string; sequence: string } | undefined {
  const found = sequences
    .map((sequence) => ({ sequence, at: text.indexOf(sequence) }))
    .filter(({ at }) => at >= 0)
    .toSorted((left, right) => left.at - right.at)[0];
  return found === undefined
    ? undefined
    : { text: text.slice(0, found.at), sequence: found.sequence };
}

function fit(
  block: AnswerBlock,
  room: number,
): { block?: AnswerBlock; tokens: number; whole: boolean } {
  if (block.type === "toolUse") {
    const tokens = countTokens(block.name) + countTokens(JSON.stringify(block.input));
    // A call that was cut has no complete input: the model did not get to call.
    return tokens <= room ? { block, tokens, whole: true } : { tokens: room, whole: false };
  }
  const pieces = splitTokens(block.text);
  if (pieces.length <= room)
    return { ...(block.text === "" ? {} : { block }), tokens: pieces.length, whole: true };
  return { block: { ...block, text: pieces.slice(0, room).join("") }, tokens: room, whole: false };
}
