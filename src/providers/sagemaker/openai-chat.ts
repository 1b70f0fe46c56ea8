import { openAIChatBody } from "./openai-chat-body.ts";
import { ChunkReader, readCompletion } from "./openai-chat-reply.ts";
import type { Payload } from "./payload.ts";

/** `payload: OpenAIChat`: the container speaks OpenAI's chat completions. */
export const openAIChat: Payload = {
  body: openAIChatBody,
  readWhole: (_, answer) => readCompletion(answer),
  makeReader: () => new ChunkReader(),
};
