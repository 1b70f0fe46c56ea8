import type { Random } from "../../lib/index.ts";

import type { PlannedFrame } from "../answer-plan.ts";
import { eventFrame } from "../event-stream.ts";
import type { AnswerBlock } from "../mind/prompt.ts";
import { chunks } from "../mind/chunks.ts";
import { countTokens } from "../mind/tokens.ts";
import type { Pace } from "../pacing.ts";
import type { ConverseAnswer } from "./converse-answer.ts";

const padding = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/**
 * The frames of a ConverseStream in Bedrock's order: messageStart; for each block its start (tool
 * uses only: the service model knows no start of a text), its deltas and its stop; messageStop; and
 * last the metadata with the usage.
 */
export function* streamFrames(
  answer: ConverseAnswer,
  pace: Pace,
  random: Random,
): Generator<PlannedFrame> {
  let tokens = 0;
  const frame = (type: string, payload: object, carried = 0): PlannedFrame => {
    tokens += carried;
    // The padding hides the length of a token from who watches the encrypted traffic.
    const p = padding.slice(0, 1 + Math.floor(random() * padding.length));
    return {
      bytes: eventFrame(type, { ...payload, p }),
      tokens: carried,
      atMs: pace.firstTokenMs + Math.max(0, tokens - 1) * pace.msPerToken,
    };
  };
  yield frame("messageStart", { role: "assistant" });
  for (const [contentBlockIndex, block] of answer.blocks.entries()) {
    if (block.type === "toolUse") {
      const start = { toolUse: { toolUseId: block.id, name: block.name } };
      yield frame("contentBlockStart", { contentBlockIndex, start }, countTokens(block.name));
    }
    for (const { delta, carried } of deltasOf(block, answer, random)) {
      yield frame("contentBlockDelta", { contentBlockIndex, delta }, carried);
    }
    yield frame("contentBlockStop", { contentBlockIndex });
  }
  const additional =
    answer.additionalFields === undefined
      ? {}
      : { additionalModelResponseFields: answer.additionalFields };
  yield frame("messageStop", { ...additional, stopReason: answer.stopReason });
  const latencyMs = Math.round(pace.firstTokenMs + tokens * pace.msPerToken);
  yield frame("metadata", { metrics: { latencyMs }, ...answer.extras, usage: answer.usage });
}

interface Delta {
  delta: object;
  carried: number;
}

function* deltasOf(block: AnswerBlock, answer: ConverseAnswer, random: Random): Generator<Delta> {
  if (block.type === "text") {
    for (const chunk of chunks(block.text, random))
      yield { delta: { text: chunk.text }, carried: chunk.tokens };
    return;
  }
  if (block.type === "toolUse") {
    // An input without members comes as no delta or an empty one; the empty one is the harder to read.
    if (Object.keys(block.input as object).length === 0)
      yield { delta: { toolUse: { input: "" } }, carried: countTokens("{}") };
    else
      for (const chunk of chunks(JSON.stringify(block.input), random))
        yield { delta: { toolUse: { input: chunk.text } }, carried: chunk.tokens };
    return;
  }
  for (const chunk of chunks(block.text, random))
    yield { delta: { reasoningContent: { text: chunk.text } }, carried: chunk.tokens };
  const signature = answer.sign(block.text);
  if (signature !== undefined) yield { delta: { reasoningContent: { signature } }, carried: 0 };
}
