// The OpenAI wire, as clients speak it. Owns request schemas, replies, frames and chunks, the SSE
// codec, the error body, and whether an answer conforms to a response format. It knows no provider, no route and no tenant.
export { ApiError, apiErrors, type ApiErrorCode, type FailedAttempt } from "./api-error.ts";
export type { ChatRequest, ReasoningEffort, ResponseFormat } from "./chat-request.ts";
export type {
  AssistantPart,
  CacheControl,
  ContentPart,
  FilePart,
  ImagePart,
  RefusalPart,
  TextPart,
} from "./content-part.ts";
export { parseEmbeddingsRequest, type EmbeddingsRequest } from "./embeddings-request.ts";
export { parseFeedbackRequest, type FeedbackRequest } from "./feedback-request.ts";
export { errorBody, type ErrorBody, type ErrorFacts } from "./error-body.ts";
export type { ChatReply, FinishReason, Frame, ReasoningBlock, ToolCall, Usage } from "./frame.ts";
export type {
  AssistantMessage,
  Message,
  MessageToolCall,
  SystemMessage,
  ToolMessage,
  UserMessage,
} from "./message.ts";
export { parseChatRequest } from "./parse-chat-request.ts";
export type { FunctionTool, ToolChoice } from "./tool.ts";
export { errorEvent, makeChunkEncoder, type ChunkEncoder } from "./chunk-encoder.ts";
export { collectFrames, makeFrameCollector, type FrameCollector } from "./collect-frames.ts";
export { completionBody, type CompletionBody, type ReplyIdentity } from "./completion-body.ts";
export { embeddingsBody, type EmbeddingsBody } from "./embeddings-body.ts";
export { modelBody, modelsBody, type ModelFacts, type ModelsBody } from "./models-body.ts";
export { LineDecoder, StreamOverflowError } from "./line-decoder.ts";
export { SseDecoder, type SseEvent } from "./sse-decoder.ts";
export { schemaTest, type SchemaTest } from "./schema-test.ts";
