import type { FinishReason, Frame } from "../openai/index.ts";
import { ProviderError, type ChatCall, type Provider } from "../providers/index.ts";
import { noteFrame, type Attempt } from "./attempt.ts";
import type { AttemptScope } from "./attempt-scope.ts";
import type { StreamGate } from "./safety/let-out.ts";

/**
 * A stream that has shown its first content: from here on the client is answered by this candidate. One
 * that ended without any, by a filter or at its length, has a settled scope.
 */
export interface OpenStream {
  kind: "stream";
  /** What came up to and with the first content. */
  held: readonly Frame[];
  rest: AsyncIterator<Frame>;
  scope: AttemptScope;
  /** What the frames of `rest` must pass; `held` has passed it. */
  gate?: StreamGate;
  /** What ends the stream behind `held`. */
  broken?: ProviderError;
  /** Ends the call, if it has not ended: the provider is left, and nothing of the scope stays behind. */
  close(): void;
}

export const carriesContent = (frame: Frame): boolean =>
  frame.type === "toolCall" ||
  frame.type === "redactedReasoning" ||
  ((frame.type === "text" || frame.type === "reasoning") && frame.text !== "");

/**
 * Opens a stream and holds it until its first real content, so that whatever fails before can still
 * be answered by another candidate.
 *
 * @throws ProviderError, or the scope's abort reason
 */
export async function openStream(
  provider: Provider,
  call: ChatCall,
  scope: AttemptScope,
  attempt: Attempt,
): Promise<OpenStream> {
  const open = await scope.until(provider.streamChat(call));
  attempt.facts = open.facts;
  const rest = open.frames[Symbol.asyncIterator]();
  const close = () => {
    // The provider of an answer that is whole may be waiting for its end, to keep the connection.
    if (scope.settled) return;
    scope.close();
    // Not waited for: a provider that is stuck would not come to its end either.
    void rest.return?.().catch(() => undefined);
  };
  try {
    return { kind: "stream", held: await holdBack(rest, scope, attempt), rest, scope, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The frames up to the first content; all of them where there is none, since the usage comes last. */
async function holdBack(
  rest: AsyncIterator<Frame>,
  scope: AttemptScope,
  attempt: Attempt,
): Promise<Frame[]> {
  const held: Frame[] = [];
  for (;;) {
    const next = await scope.until(rest.next());
    if (next.done === true) break;
    held.push(next.value);
    noteFrame(attempt, next.value);
    if (carriesContent(next.value)) return held;
  }
  refuseEmptyEnd(attempt.finishReason);
  scope.settle();
  return held;
}

/** Only a filter or a limit of length explains an answer without content. */
function refuseEmptyEnd(reason: FinishReason | null): void {
  if (reason === null) {
    throw new ProviderError("stream_broken", "The stream ended before its first content");
  }
  if (reason === "stop" || reason === "tool_calls") {
    throw new ProviderError("empty_reply", "The model ended its answer without any content");
  }
}
