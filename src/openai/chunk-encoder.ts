import type { ReplyIdentity } from "./completion-body.ts";
import { errorBody, type ErrorFacts } from "./error-body.ts";
import type { FinishReason, Frame, ReasoningBlock, Usage } from "./frame.ts";
import { usageBody } from "./usage-body.ts";

/** Turns one answer's frames into the text of an OpenAI event stream. */
export interface ChunkEncoder {
  /** The events of a frame; "" where the client is told nothing of it. The first bears the role. */
  encode(frame: Frame): string;
  /** What follows the last frame: the usage chunk, if asked for and known, and `[DONE]`. */
  end(usage?: Usage): string;
}

interface StreamOptions extends ReplyIdentity {
  /** `stream_options.include_usage` of the request. */
  includeUsage: boolean;
}

type Delta = (delta: string, finish?: FinishReason) => string;

/** An event that clients raise as an error. Nothing may follow it, `[DONE]` neither. */
export function errorEvent(facts: ErrorFacts): string {
  return `data: ${JSON.stringify(errorBody(facts))}\n\n`;
}

export function makeChunkEncoder(options: StreamOptions): ChunkEncoder {
  // Everything but the delta is the same in all chunks: it is written once, since this is the hot path.
  const { id, created, model } = options;
  const head = JSON.stringify({ id, object: "chat.completion.chunk", created, model }).slice(0, -1);
  const tail = options.includeUsage ? `}],"usage":null}\n\n` : "}]}\n\n";
  const delta: Delta = (text, finish) => {
    const reason = finish === undefined ? "null" : `"${finish}"`;
    return `data: ${head},"choices":[{"index":0,"delta":${text},"logprobs":null,"finish_reason":${reason}${tail}`;
  };
  const encodeFrame = makeFrameEncoder(delta);
  let opened = false;
  const open = (): string => {
    if (opened) return "";
    opened = true;
    return delta(`{"role":"assistant","content":"","refusal":null}`);
  };
  return {
    encode: (frame) => (frame.type === "usage" ? "" : open() + encodeFrame(frame)),
    end: (usage) => {
      const told = options.includeUsage && usage !== undefined;
      const last = told
        ? `data: ${head},"choices":[],"usage":${JSON.stringify(usageBody(usage))}}\n\n`
        : "";
      return `${last}data: [DONE]\n\n`;
    },
  };
}

function makeFrameEncoder(delta: Delta): (frame: Frame) => string {
  /** Calls whose arguments are still empty: those get `{}`, since clients parse them. */
  const bare = new Set<number>();
  /** Of the reasoning block that is open, to be told whole with its signature. */
  let thinking = "";
  const callDelta = (call: object): string => delta(JSON.stringify({ tool_calls: [call] }));
  const blockDelta = (block: ReasoningBlock): string => {
    thinking = "";
    return delta(JSON.stringify({ thinking_blocks: [block] }));
  };
  const finish = (reason: FinishReason): string => {
    const completed = [...bare].map((index) => callDelta({ index, function: { arguments: "{}" } }));
    return completed.join("") + delta("{}", reason);
  };
  return (frame) => {
    switch (frame.type) {
      case "text":
        return delta(`{"content":${JSON.stringify(frame.text)}}`);
      case "reasoning":
        thinking += frame.text;
        return delta(`{"reasoning_content":${JSON.stringify(frame.text)}}`);
      case "reasoningSignature":
        return blockDelta({ type: "thinking", thinking, signature: frame.signature });
      case "redactedReasoning":
        return blockDelta({ type: "redacted_thinking", data: frame.data });
      case "toolCall": {
        bare.add(frame.index);
        const { index, id, name } = frame;
        return callDelta({ index, id, type: "function", function: { name, arguments: "" } });
      }
      case "toolArguments":
        if (frame.text !== "") bare.delete(frame.index);
        return callDelta({ index: frame.index, function: { arguments: frame.text } });
      case "finish":
        return finish(frame.reason);
      default:
        return "";
    }
  };
}
