import type { ChatReply, FinishReason, Frame, ReasoningBlock, ToolCall, Usage } from "./frame.ts";

/** Adds up frames as they pass. */
export interface FrameCollector {
  add(frame: Frame): void;
  /** Whether the terminal frame has passed. */
  readonly finished: boolean;
  /** The answer so far; one that was cut off counts as `length`. */
  reply(): ChatReply;
}

export function makeFrameCollector(): FrameCollector {
  let text = "";
  let thinking = "";
  const reasoning: ReasoningBlock[] = [];
  const calls: ToolCall[] = [];
  let finishReason: FinishReason | undefined;
  let usage: Usage | undefined;
  // A block ends with its signature; what comes unsigned is one block, however it was interleaved.
  const close = (block: ReasoningBlock): void => {
    if (thinking !== "" && block.type !== "thinking")
      reasoning.push({ type: "thinking", thinking });
    reasoning.push(block);
    thinking = "";
  };
  const add = (frame: Frame): void => {
    switch (frame.type) {
      case "text":
        text += frame.text;
        break;
      case "reasoning":
        thinking += frame.text;
        break;
      case "reasoningSignature":
        close({ type: "thinking", thinking, signature: frame.signature });
        break;
      case "redactedReasoning":
        close({ type: "redacted_thinking", data: frame.data });
        break;
      case "toolCall":
        calls[frame.index] = { id: frame.id, name: frame.name, arguments: "" };
        break;
      case "toolArguments":
        appendArguments(calls[frame.index], frame.text);
        break;
      case "finish":
        finishReason = frame.reason;
        break;
      default:
        usage = frame.usage;
    }
  };
  return {
    add,
    get finished() {
      return finishReason !== undefined;
    },
    reply: () => {
      const open: ReasoningBlock[] = thinking === "" ? [] : [{ type: "thinking", thinking }];
      const reply: ChatReply = {
        text,
        reasoning: [...reasoning, ...open],
        toolCalls: calls.map((call) => ({ ...call, arguments: call.arguments || "{}" })),
        finishReason: finishReason ?? "length",
      };
      if (usage !== undefined) reply.usage = usage;
      return reply;
    },
  };
}

function appendArguments(call: ToolCall | undefined, text: string): void {
  if (call === undefined) throw new RangeError("Arguments of a call that was never opened");
  call.arguments += text;
}

/**
 * The whole answer that a stream adds up to.
 *
 * @throws whatever the stream throws; RangeError where it ends without its terminal frame, which providers rule out
 */
export async function collectFrames(
  frames: AsyncIterable<Frame> | Iterable<Frame>,
): Promise<ChatReply> {
  const collector = makeFrameCollector();
  for await (const frame of frames) collector.add(frame);
  if (!collector.finished) throw new RangeError("The stream has no terminal frame");
  return collector.reply();
}
