import type { Embedded, Provider, ProviderError, WholeChat } from "../providers/index.ts";
import type { ChatReply } from "../openai/index.ts";
import type { Attempt } from "./attempt.ts";
import type { AttemptScope } from "./attempt-scope.ts";
import { openStream, type OpenStream } from "./open-stream.ts";
import type { Asked } from "./parse-stage.ts";

/** What a successful attempt gives. A stream's is still under way: its scope must be closed. */
export type Answer =
  | { kind: "whole"; reply: ChatReply }
  | { kind: "vectors"; embedded: Embedded }
  | OpenStream;

/** How long is waited, and the error where nothing has come by then. */
export interface Bound {
  ms: number;
  passed: () => ProviderError;
}

export interface AttemptOrder {
  asked: Asked;
  provider: Provider;
  metadata: Readonly<Record<string, string>>;
}

/**
 * Makes one call. Its waits end with its scope, which its caller bounds, and closes where it fails.
 *
 * @throws ProviderError, or the reason for which the scope was aborted
 */
export async function runAttempt(
  { asked, provider, metadata }: AttemptOrder,
  attempt: Attempt,
  scope: AttemptScope,
): Promise<Answer> {
  const common = { backend: attempt.backend, metadata, signal: scope.signal };
  // In one function, since each that waits for another has its caller wait once more.
  try {
    if (asked.operation === "embeddings") {
      const call = { ...common, request: asked.request };
      return ended(noteEmbedded(attempt, await scope.until(provider.embed(call))), scope);
    }
    const call = { ...common, request: asked.request };
    if (asked.streaming) return await openStream(provider, call, scope, attempt);
    return ended(noteReply(attempt, await scope.until(provider.chat(call))), scope);
  } catch (error) {
    attempt.cancelled = scope.cancelled;
    throw error;
  }
}

function ended(answer: Answer, scope: AttemptScope): Answer {
  scope.settle();
  return answer;
}

function noteEmbedded(attempt: Attempt, embedded: Embedded): Answer {
  attempt.facts = embedded.facts;
  attempt.usage = embedded.usage;
  return { kind: "vectors", embedded };
}

function noteReply(attempt: Attempt, { reply, facts }: WholeChat): Answer {
  attempt.facts = facts;
  attempt.usage = reply.usage ?? null;
  attempt.finishReason = reply.finishReason;
  attempt.contentLength = contentLength(reply);
  attempt.transcript?.keep(reply);
  return { kind: "whole", reply };
}

/** As a stream's frames would add up to. */
function contentLength({ text, reasoning, toolCalls }: ChatReply): number {
  let length = text.length;
  for (const block of reasoning) length += block.type === "thinking" ? block.thinking.length : 0;
  for (const call of toolCalls) length += call.arguments.length;
  return length;
}
