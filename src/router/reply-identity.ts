import type { ReplyIdentity } from "../openai/index.ts";
import type { AnsweredRequest } from "./answer-stage.ts";

/** The id, time and model that an answer and all its chunks bear. The model is the one that was asked for. */
export function replyIdentity(answered: AnsweredRequest): ReplyIdentity {
  return {
    id: `chatcmpl-${answered.requestId.slice("req_".length)}`,
    created: Math.floor(answered.receivedAt / 1_000),
    model: answered.asked.request.model,
  };
}
