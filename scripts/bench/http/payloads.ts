// What is asked and answered in the bench, the same for every gateway: 120 words one way, 768
// characters the other, whole or in 32 deltas. Answers are bytes made once.
import { eventFrame } from "../../../src/simulators/index.ts";

export const model = "bench";
export const modelId = "amazon.nova-lite-v1:0";
export const answerLength = 768;
const deltas = 32;

const words =
  "the yard sends each train to the track that gets it home at the least cost today".split(" ");
export const prompt = Array.from({ length: 120 }, (_, index) => words[index % words.length]).join(
  " ",
);
const answer = "A switchyard sorts what comes in by where it has to go. "
  .repeat(20)
  .slice(0, answerLength);
const pieces = Array.from({ length: deltas }, (_, index) => {
  const size = answerLength / deltas;
  return answer.slice(index * size, (index + 1) * size);
});

/** The body of a request for a chat, as OpenAI clients write it. */
export const chatBody = (stream: boolean): string =>
  JSON.stringify({ model, messages: [{ role: "user", content: prompt }], max_tokens: 400, stream });

const converseUsage = { inputTokens: 160, outputTokens: 180, totalTokens: 340 };
const chatUsage = { prompt_tokens: 160, completion_tokens: 180, total_tokens: 340 };

function whole(contentType: string, body: unknown): Buffer {
  const text = JSON.stringify(body);
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\nx-amzn-requestid: 0b4c1f3e-9d57-4c0f-8e62-6d4b8a5a2c11\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

export const converseAnswer = whole("application/json", {
  metrics: { latencyMs: 1 },
  output: { message: { role: "assistant", content: [{ text: answer }] } },
  stopReason: "end_turn",
  usage: converseUsage,
});

export const chatAnswer = whole("application/json", {
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1_790_000_000,
  model,
  choices: [{ index: 0, message: { role: "assistant", content: answer }, finish_reason: "stop" }],
  usage: chatUsage,
});

export const nothing = Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");

export const notFound = Buffer.from("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");

/** The writes of a streamed answer: the head, then a chunk for each event, then the end. */
function streamed(contentType: string, events: readonly (string | Buffer)[]): readonly Buffer[] {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ntransfer-encoding: chunked\r\n\r\n`;
  const chunks = events.map((event) => {
    const size = Buffer.from(`${Buffer.byteLength(event).toString(16)}\r\n`);
    return Buffer.concat([size, Buffer.from(event), Buffer.from("\r\n")]);
  });
  return [Buffer.from(head), ...chunks, Buffer.from("0\r\n\r\n")];
}

export const converseStream = streamed("application/vnd.amazon.eventstream", [
  eventFrame("messageStart", { role: "assistant" }),
  ...pieces.map((text) =>
    eventFrame("contentBlockDelta", { contentBlockIndex: 0, delta: { text } }),
  ),
  eventFrame("contentBlockStop", { contentBlockIndex: 0 }),
  eventFrame("messageStop", { stopReason: "end_turn" }),
  eventFrame("metadata", { metrics: { latencyMs: 1 }, usage: converseUsage }),
]);

const chatChunk = (delta: object, finish_reason: string | null): string =>
  `data: ${JSON.stringify({
    id: "chatcmpl-bench",
    object: "chat.completion.chunk",
    created: 1_790_000_000,
    model,
    choices: [{ index: 0, delta, finish_reason }],
  })}\n\n`;

export const chatStream = streamed("text/event-stream", [
  chatChunk({ role: "assistant", content: "" }, null),
  ...pieces.map((content) => chatChunk({ content }, null)),
  chatChunk({}, "stop"),
  "data: [DONE]\n\n",
]);
