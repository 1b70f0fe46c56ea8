import { ProviderError, type Embedded, type Provider } from "../providers/index.ts";
import type { ChatReply } from "../openai/index.ts";
import type { BackendEntry } from "../table/index.ts";
import type { Attempt } from "./attempt.ts";
import { AttemptScope } from "./attempt-scope.ts";
import { untilAborted } from "./deadline.ts";
import { openStream, type OpenStream } from "./open-stream.ts";
import type { Asked } from "./parse-stage.ts";

/** What a successful attempt gives. A stream's is still under way: its scope must be closed. */
export type Answer =
  | { kind: "whole"; reply: ChatReply }
  | { kind: "vectors"; embedded: Embedded }
  | OpenStream;

export interface AttemptOrder {
  asked: Asked;
  provider: Provider;
  metadata: Readonly<Record<string, string>>;
  gone: AbortSignal;
  /** Milliseconds that the route's total timeout leaves. */
  remainingMs: number;
}

/**
 * Makes one call. Its waits are bounded: a whole answer by the backend's `total`, a stream's first
 * content by `firstToken`, and either by what the route's total timeout leaves.
 *
 * @throws ProviderError, or ClientGone
 */
export async function runAttempt(order: AttemptOrder, attempt: Attempt): Promise<Answer> {
  const scope = new AttemptScope(order.gone);
  armFirstBound(scope, order, attempt.backend);
  try {
    const answer = await callProvider(order, attempt, scope);
    if (answer.kind !== "stream") scope.close();
    return answer;
  } catch (error) {
    scope.close();
    throw error;
  }
}

function armFirstBound(
  scope: AttemptScope,
  { asked, remainingMs }: AttemptOrder,
  backend: BackendEntry,
): void {
  const { firstTokenMs, totalMs } = backend.timeouts;
  const own = asked.streaming ? firstTokenMs : totalMs;
  scope.watchdog.arm(Math.min(own, remainingMs), () => {
    if (remainingMs < own) {
      return new ProviderError("timeout", "The route's total timeout passed before an answer came");
    }
    return asked.streaming
      ? new ProviderError("slow_first_token", `No content came within ${firstTokenMs} ms`)
      : new ProviderError("timeout", `No answer came within ${totalMs} ms`);
  });
}

async function callProvider(
  order: AttemptOrder,
  attempt: Attempt,
  scope: AttemptScope,
): Promise<Answer> {
  const { asked, provider, metadata } = order;
  const common = { backend: attempt.backend, metadata, signal: scope.signal };
  if (asked.operation === "embeddings") {
    const embedded = await untilAborted(
      provider.embed({ ...common, request: asked.request }),
      scope.signal,
    );
    attempt.facts = embedded.facts;
    attempt.usage = embedded.usage;
    return { kind: "vectors", embedded };
  }
  const call = { ...common, request: asked.request };
  if (asked.streaming) return openStream(provider, call, scope, attempt);
  const { reply, facts } = await untilAborted(provider.chat(call), scope.signal);
  attempt.facts = facts;
  attempt.usage = reply.usage ?? null;
  attempt.finishReason = reply.finishReason;
  attempt.contentLength = contentLength(reply);
  return { kind: "whole", reply };
}

/** As a stream's frames would add up to. */
function contentLength({ text, reasoning, toolCalls }: ChatReply): number {
  let length = text.length;
  for (const block of reasoning) length += block.type === "thinking" ? block.thinking.length : 0;
  for (const call of toolCalls) length += call.arguments.length;
  return length;
}
