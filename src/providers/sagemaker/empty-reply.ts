import type { Frame } from "../../openai/index.ts";
import type { ChatCall } from "../contract.ts";
import { ProviderError } from "../provider-error.ts";
import { stopSequences } from "./openai-chat-body.ts";

/**
 * An answer without output is a failure, unless it was filtered, had no room, or a stop sequence of
 * the client's may have been the first thing said.
 *
 * @throws ProviderError empty_reply
 */
export function refuseEmptyReply({ request }: ChatCall, frames: readonly Frame[]): void {
  const plain = frames.some((frame) => frame.type === "finish" && frame.reason === "stop");
  if (!plain || stopSequences(request.stop) !== undefined) return;
  const usage = frames.find((frame) => frame.type === "usage")?.usage;
  throw new ProviderError("empty_reply", "The model gave no answer", { usage });
}
