import { bytesFrame, encodeFrame, eventFrame } from "../../../src/simulators/event-stream.ts";

export type ProviderType = "Bedrock" | "SageMaker";

/** A sound answer in the words of one provider, to be spoilt by a script. */
export interface Wire {
  whole: Buffer;
  wholeHead: Record<string, string>;
  streamHead: Record<string, string>;
  /** Frames with content, and those that bring an answer to its end. */
  content: readonly Buffer[];
  ending: readonly Buffer[];
  /** A frame that is sound but for the JSON in it. */
  garbled: Buffer;
}

const words = ["One", " two", " three", " four", " five", " six"];
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const requestId = { "x-amzn-requestid": "11111111-2222-3333-4444-555555555555" };
const eventStream = { ...requestId, "content-type": "application/vnd.amazon.eventstream" };
const wholeHead = { ...requestId, "content-type": "application/json" };

const bedrock: Wire = {
  whole: json({
    output: { message: { role: "assistant", content: [{ text: words.join("") }] } },
    stopReason: "end_turn",
    usage: { inputTokens: 9, outputTokens: 6, totalTokens: 15 },
    metrics: { latencyMs: 5 },
  }),
  wholeHead,
  streamHead: eventStream,
  content: words.map((text) =>
    eventFrame("contentBlockDelta", { contentBlockIndex: 0, delta: { text } }),
  ),
  ending: [
    eventFrame("contentBlockStop", { contentBlockIndex: 0 }),
    eventFrame("messageStop", { stopReason: "end_turn" }),
    eventFrame("metadata", {
      usage: { inputTokens: 9, outputTokens: 6, totalTokens: 15 },
      metrics: { latencyMs: 5 },
    }),
  ],
  garbled: encodeFrame(
    {
      ":event-type": "contentBlockDelta",
      ":content-type": "application/json",
      ":message-type": "event",
    },
    Buffer.from('{"contentBlockIndex": 0, "delta": {"te'),
  ),
};

const part = (text: string): Buffer => bytesFrame("PayloadPart", Buffer.from(text));
const chunk = (delta: object, finishReason: string | null = null): Buffer =>
  part(
    `data: ${JSON.stringify({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta, finish_reason: finishReason }],
    })}\n\n`,
  );

const sageMaker: Wire = {
  whole: json({
    id: "chatcmpl-1",
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: words.join("") },
        finish_reason: "stop",
      },
    ],
    usage: { prompt_tokens: 9, completion_tokens: 6, total_tokens: 15 },
  }),
  wholeHead,
  streamHead: { ...eventStream, "x-amzn-sagemaker-content-type": "text/event-stream" },
  content: words.map((content) => chunk({ content })),
  ending: [chunk({}, "stop"), part("data: [DONE]\n\n")],
  garbled: part('data: {"choices": [{"index": 0, "del\n\n'),
};

export const wires: Readonly<Record<ProviderType, Wire>> = {
  Bedrock: bedrock,
  SageMaker: sageMaker,
};
