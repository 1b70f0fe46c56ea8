import { err, ok, type Result } from "../lib/index.ts";
import type { ApiError } from "./api-error.ts";
import { chatRequest, type ChatRequest } from "./chat-request.ts";
import { normalizeLegacy } from "./legacy-functions.ts";
import { isPlainChatRequest } from "./plain-chat-request.ts";
import { describeProblem } from "./schema-problem.ts";
import { normalizeTools } from "./tool-choice.ts";
import { withoutNulls } from "./without-nulls.ts";

/** Reads a parsed JSON body. Its strings, and its objects where it needs no change, are shared with the result. */
export function parseChatRequest(body: unknown): Result<ChatRequest, ApiError> {
  return isPlainChatRequest(body) ? ok(body) : parseBySchema(body);
}

/** Reads a body of any form; of a plain one it makes the same, at more cost. */
export function parseBySchema(body: unknown): Result<ChatRequest, ApiError> {
  const parsed = chatRequest.safeParse(withoutNulls(body), { reportInput: true });
  if (!parsed.success) return err(describeProblem(parsed.error));
  const modern = normalizeLegacy(parsed.data);
  const problem = normalizeTools(modern);
  return problem === undefined ? ok(modern as ChatRequest) : err(problem);
}
