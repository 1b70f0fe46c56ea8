import type { Random } from "../../lib/index.ts";

import type { HandledCall } from "../handled-call.ts";
import { answerPrompt } from "../mind/answer.ts";
import { chunks } from "../mind/chunks.ts";
import type { Answer, AnswerBlock } from "../mind/prompt.ts";
import type { Pace } from "../pacing.ts";
import { readChat, refuseChat } from "./chat-checks.ts";
import { chatPrompt, type ChatRequest } from "./chat-request.ts";
import type { ContainerChunk, ContainerReply } from "./payload-parts.ts";

interface ChatAnswer {
  request: ChatRequest;
  answer: Answer;
  usage: { prompt_tokens: number; total_tokens: number; completion_tokens: number };
  envelope: { id: string; created: number; model: string };
}

/** A container that speaks OpenAI's chat schema, as LMI and vLLM do. */
export function answerChat(body: Record<string, unknown>, call: HandledCall): ContainerReply {
  const request = readChat(body, call);
  const prompt = chatPrompt(request);
  call.record.inputTokens = prompt.inputTokens;
  const wanted = prompt.inputTokens + (prompt.maxTokens ?? 1);
  if (wanted > call.model.contextWindow) {
    throw refuseChat(
      call,
      `This model's maximum context length is ${call.model.contextWindow} tokens. However, you requested ${wanted} tokens (${prompt.inputTokens} in the messages, ${prompt.maxTokens ?? 1} in the completion). Please reduce the length of the messages or completion.`,
    );
  }
  const answer = call.bend(answerPrompt(prompt, call));
  const pace = call.pace(prompt.inputTokens);
  const chat: ChatAnswer = {
    request,
    answer,
    usage: {
      prompt_tokens: prompt.inputTokens,
      total_tokens: prompt.inputTokens + answer.outputTokens,
      completion_tokens: answer.outputTokens,
    },
    envelope: {
      id: `chatcmpl-${call.record.requestId}`,
      created: Math.floor(call.now / 1000),
      model: request.model ?? call.model.id,
    },
  };
  const atMs = pace.firstTokenMs + answer.outputTokens * pace.msPerToken;
  if (request.stream === true) {
    return {
      contentType: "text/event-stream",
      chunks: serverSentEvents(chat, pace, call.random),
      atMs,
      tokens: answer.outputTokens,
    };
  }
  const text = JSON.stringify(wholeCompletion(chat));
  return {
    contentType: "application/json",
    chunks: [{ text, tokens: answer.outputTokens, atMs }],
    atMs,
    tokens: answer.outputTokens,
  };
}

const finishReasons: Partial<Record<Answer["stopReason"], string>> = {
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool_calls",
  content_filtered: "content_filter",
};

const finishReason = (answer: Answer): string => finishReasons[answer.stopReason] ?? "stop";

const textOf = (answer: Answer): string =>
  answer.blocks.map((block) => (block.type === "text" ? block.text : "")).join("");

const toolUsesOf = (answer: Answer): Extract<AnswerBlock, { type: "toolUse" }>[] =>
  answer.blocks.filter((block) => block.type === "toolUse");

function wholeCompletion({ answer, usage, envelope }: ChatAnswer): unknown {
  const calls = toolUsesOf(answer).map((use) => ({
    id: use.id,
    type: "function",
    function: { name: use.name, arguments: JSON.stringify(use.input) },
  }));
  const message = { role: "assistant", content: textOf(answer) || null, tool_calls: calls };
  const choice = {
    index: 0,
    message,
    logprobs: null,
    finish_reason: finishReason(answer),
    stop_reason: answer.stopSequence ?? null,
  };
  return {
    ...envelope,
    object: "chat.completion",
    choices: [choice],
    usage,
    prompt_logprobs: null,
  };
}

function* serverSentEvents(
  chat: ChatAnswer,
  pace: Pace,
  random: Random,
): Generator<ContainerChunk> {
  let tokens = 0;
  const event = (payload: object, carried: number): ContainerChunk => {
    tokens += carried;
    const text = `data: ${JSON.stringify({ ...chat.envelope, object: "chat.completion.chunk", ...payload })}\n\n`;
    return {
      text,
      tokens: carried,
      atMs: pace.firstTokenMs + Math.max(0, tokens - 1) * pace.msPerToken,
    };
  };
  const delta = (content: object, reason: string | null = null): object => ({
    choices: [{ index: 0, delta: content, logprobs: null, finish_reason: reason }],
  });
  yield event(delta({ role: "assistant", content: "" }), 0);
  for (const { content, carried } of deltasOf(chat.answer, random))
    yield event(delta(content), carried);
  yield event(delta({}, finishReason(chat.answer)), 0);
  if (chat.request.stream_options?.include_usage === true)
    yield event({ choices: [], usage: chat.usage }, 0);
  yield { text: "data: [DONE]\n\n", tokens: 0, atMs: pace.firstTokenMs + tokens * pace.msPerToken };
}

function* deltasOf(
  answer: Answer,
  random: Random,
): Generator<{ content: object; carried: number }> {
  for (const chunk of chunks(textOf(answer), random))
    yield { content: { content: chunk.text }, carried: chunk.tokens };
  for (const [index, use] of toolUsesOf(answer).entries()) {
    const start = {
      index,
      id: use.id,
      type: "function",
      function: { name: use.name, arguments: "" },
    };
    yield { content: { tool_calls: [start] }, carried: 1 };
    for (const chunk of chunks(JSON.stringify(use.input), random)) {
      yield {
        content: { tool_calls: [{ index, function: { arguments: chunk.text } }] },
        carried: chunk.tokens,
      };
    }
  }
}
