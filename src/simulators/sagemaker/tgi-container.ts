import type { HandledCall } from "../handled-call.ts";
import { answerPrompt } from "../mind/answer.ts";
import type { Answer, Prompt } from "../mind/prompt.ts";
import { countTokens, splitTokens } from "../mind/tokens.ts";
import type { Pace } from "../pacing.ts";
import { containerError } from "./container-error.ts";
import type { ContainerChunk, ContainerReply } from "./payload-parts.ts";

interface TgiParameters {
  max_new_tokens?: number;
  temperature?: number;
  top_p?: number;
  top_k?: number;
  stop?: string[];
  details?: boolean;
  return_full_text?: boolean;
}

const defaultNewTokens = 100;

/** Text Generation Inference: `{inputs, parameters, stream}`, streamed as one SSE event a token. */
export function answerTgi(body: Record<string, unknown>, call: HandledCall): ContainerReply {
  const { inputs, stream } = body;
  if (typeof inputs !== "string" || inputs === "")
    throw refuse(call, "Input validation error: `inputs` cannot be empty");
  const parameters = readParameters(body["parameters"], call);
  const prompt = tgiPrompt(inputs, parameters);
  call.record.inputTokens = prompt.inputTokens;
  const wanted = prompt.maxTokens ?? defaultNewTokens;
  if (prompt.inputTokens + wanted > call.model.contextWindow) {
    throw refuse(
      call,
      `Input validation error: \`inputs\` tokens + \`max_new_tokens\` must be <= ${call.model.contextWindow}. Given: ${prompt.inputTokens} \`inputs\` tokens and ${wanted} \`max_new_tokens\``,
    );
  }
  const answer = call.bend(answerPrompt(prompt, call));
  const pace = call.pace(prompt.inputTokens);
  const generated = generatedText(answer);
  const atMs = pace.firstTokenMs + answer.outputTokens * pace.msPerToken;
  if (stream === true) {
    return {
      contentType: "text/event-stream",
      chunks: tokenEvents(generated, answer, prompt, pace),
      atMs,
      tokens: answer.outputTokens,
    };
  }
  const text = JSON.stringify(wholeReply(generated, inputs, answer, prompt, parameters));
  return {
    contentType: "application/json",
    chunks: [{ text, tokens: answer.outputTokens, atMs }],
    atMs,
    tokens: answer.outputTokens,
  };
}

const refuse = (call: HandledCall, error: string) =>
  containerError(call.model.id, 422, { error, error_type: "validation" });

type Check = (value: unknown) => boolean;

const isNumber =
  (low: number, high: number): Check =>
  (value) =>
    typeof value === "number" && value > low && value < high;
const isCount =
  (high: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) > 0 && (value as number) <= high;
const isFlag: Check = (value) => typeof value === "boolean";

const parameterRules: Record<string, [check: Check, words: string]> = {
  max_new_tokens: [isCount(1e9), "must be strictly positive"],
  temperature: [isNumber(0, Infinity), "must be strictly positive"],
  top_p: [isNumber(0, 1), "must be > 0.0 and < 1.0"],
  top_k: [isCount(1e9), "must be strictly positive"],
  repetition_penalty: [isNumber(0, Infinity), "must be strictly positive"],
  seed: [Number.isInteger, "must be a whole number"],
  stop: [
    (value) =>
      Array.isArray(value) && value.length <= 4 && value.every((each) => typeof each === "string"),
    "supports up to 4 stop sequences",
  ],
  details: [isFlag, "must be a boolean"],
  do_sample: [isFlag, "must be a boolean"],
  return_full_text: [isFlag, "must be a boolean"],
};

function readParameters(value: unknown, call: HandledCall): TgiParameters {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value))
    throw refuse(call, "Input validation error: `parameters` must be an object");
  for (const [name, given] of Object.entries(value)) {
    const rule = parameterRules[name];
    // TGI overlooks parameters that it does not know.
    if (rule !== undefined && given !== null && !rule[0](given))
      throw refuse(call, `Input validation error: \`${name}\` ${rule[1]}`);
  }
  return Object.fromEntries(
    Object.entries(value).filter(([, given]) => given !== null),
  ) as TgiParameters;
}

function tgiPrompt(inputs: string, parameters: TgiParameters): Prompt {
  return {
    text: lastUserWords(inputs),
    history: inputs,
    toolResults: [],
    attachments: [],
    tools: [],
    toolChoice: { type: "none" },
    parallelTools: false,
    inputTokens: countTokens(inputs),
    maxTokens: parameters.max_new_tokens ?? defaultNewTokens,
    stopSequences: parameters.stop ?? [],
  };
}

// The marks of the usual chat templates; what is before and after the last turn is not asked.
const turnStart =
  /<\|(?:user|im_start)\|>(?:user)?|\[INST\]|<\|start_header_id\|>user<\|end_header_id\|>|(?:^|\n)(?:user|human):/gi;
const turnEnd = /<\|(?:assistant|im_end|end|eot_id)\|>|\[\/INST\]|<\/s>|\n(?:assistant|ai):/i;

function lastUserWords(inputs: string): string {
  const start = [...inputs.matchAll(turnStart)].findLast(
    (mark) => !inputs.startsWith("assistant", mark.index + mark[0].length),
  );
  const turn = start === undefined ? inputs : inputs.slice(start.index + start[0].length);
  const end = turn.search(turnEnd);
  return (end < 0 ? turn : turn.slice(0, end)).trim();
}

// TGI leaves the stop sequence in the text that it generated.
const generatedText = (answer: Answer): string =>
  answer.blocks.map((block) => (block.type === "text" ? block.text : "")).join("") +
  (answer.stopSequence ?? "");

function finishReason(answer: Answer): string {
  if (answer.stopReason === "max_tokens" || answer.stopReason === "model_context_window_exceeded")
    return "length";
  return answer.stopReason === "stop_sequence" ? "stop_sequence" : "eos_token";
}

const details = (answer: Answer, prompt: Prompt) => ({
  finish_reason: finishReason(answer),
  generated_tokens: answer.outputTokens,
  input_length: prompt.inputTokens,
  seed: null,
});

function wholeReply(
  generated: string,
  inputs: string,
  answer: Answer,
  prompt: Prompt,
  parameters: TgiParameters,
): unknown {
  const text = parameters.return_full_text === true ? inputs + generated : generated;
  const more =
    parameters.details === true
      ? { details: { ...details(answer, prompt), prefill: [], tokens: [] } }
      : {};
  return [{ generated_text: text, ...more }];
}

function* tokenEvents(
  generated: string,
  answer: Answer,
  prompt: Prompt,
  pace: Pace,
): Generator<ContainerChunk> {
  const pieces = splitTokens(generated);
  // The last event of a text that ended by itself carries the end-of-text token.
  if (finishReason(answer) === "eos_token") pieces.push("</s>");
  for (const [index, piece] of pieces.entries()) {
    const last = index === pieces.length - 1;
    const event = {
      index: index + 1,
      token: {
        id: 1000 + (piece.codePointAt(0) ?? 0),
        text: piece,
        logprob: -0.12,
        special: piece === "</s>",
      },
      generated_text: last ? generated : null,
      details: last ? details(answer, prompt) : null,
    };
    yield {
      text: `data:${JSON.stringify(event)}\n\n`,
      tokens: piece === "</s>" ? 0 : 1,
      atMs: pace.firstTokenMs + index * pace.msPerToken,
    };
  }
}
