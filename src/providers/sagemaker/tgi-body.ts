import type { ChatRequest } from "../../openai/index.ts";
import type { BackendEntry } from "../../table/index.ts";
import { invalidField } from "../invalid-field.ts";
import { answerLimit, stopSequences } from "./openai-chat-body.ts";
import { nextTurn, tgiPrompt } from "./tgi-prompt.ts";

/**
 * The body of a text-generation container.
 *
 * @throws ProviderError invalid_request for what it has no place for
 */
export function tgiBody(request: ChatRequest, backend: BackendEntry, streamed: boolean): object {
  refuseBeyondText(request);
  const inputs = tgiPrompt(request.messages);
  const parameters = {
    max_new_tokens: answerLimit(request, backend) ?? roomForAnswer(inputs, backend),
    stop: tgiStops(request).slice(0, mostStops),
    return_full_text: false,
    details: true,
    ...sampling(request),
    ...(request.seed === undefined ? {} : { seed: Math.abs(request.seed) }),
  };
  return { inputs, parameters, stream: streamed };
}

/** The container's own limit. Further ones are found by the StopTrimmer, after the text was generated. */
const mostStops = 4;

/** The client's own, and the one that ends the answer where the next turn would begin. */
export function tgiStops(request: ChatRequest): string[] {
  return [...(stopSequences(request.stop) ?? []), nextTurn];
}

function refuseBeyondText(request: ChatRequest): void {
  const format = request.response_format?.type ?? "text";
  if (format !== "text") {
    throw invalidField("response_format", `must be text: this model cannot be held to ${format}`);
  }
  if ((request.tools ?? []).length > 0 && request.tool_choice !== "none") {
    throw invalidField("tools", "are offered, but this model cannot call any");
  }
}

// The container's own default is a hundred tokens or fewer, and it refuses to be asked for more than
// fits beside the input. Three bytes a token is more than almost any text needs.
function roomForAnswer(inputs: string, backend: BackendEntry): number {
  const room = backend.contextWindow - Math.ceil(Buffer.byteLength(inputs) / 3);
  return Math.max(1, Math.min(backend.maxOutputTokens, room));
}

/** The container refuses a temperature of 0 and the ends of top_p, which mean the likeliest token or no cut. */
function sampling(request: ChatRequest): Record<string, number | boolean> {
  const {
    temperature = 1,
    top_p: share = 1,
    top_k: most = 0,
    frequency_penalty: penalty,
  } = request;
  if (temperature === 0 || share === 0) return { do_sample: false };
  return {
    do_sample: true,
    temperature,
    ...(share < 1 ? { top_p: share } : {}),
    ...(most > 0 ? { top_k: most } : {}),
    ...(penalty === undefined ? {} : { frequency_penalty: penalty }),
  };
}
