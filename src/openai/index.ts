// The OpenAI wire, as clients speak it. Owns request schemas, replies, frames and chunks, the SSE
// codec and the error body. It knows no provider, no route and no tenant.
export type { ChatReply, FinishReason, Frame, ReasoningBlock, ToolCall, Usage } from "./frame.ts";
