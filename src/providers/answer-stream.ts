import type { Frame } from "../openai/index.ts";

/** How long the end of a complete answer is waited for, to keep its connection for the next. */
const drainMs = 1000;

/** What a transport gives of an answer that is under way. */
interface Upstream<Event> {
  events: AsyncIterator<Event>;
  /** Aborts what is still under way; again does no harm. */
  close: () => void;
}

/** Frames as OpenChat promises them: whoever leaves closes the answer upstream at once. */
export function leavable(
  frames: AsyncGenerator<Frame>,
  { close }: Pick<Upstream<unknown>, "close">,
): AsyncIterable<Frame> {
  const iterator: AsyncIterator<Frame> = {
    next: () => frames.next(),
    // A generator's own would wait for the event under way, which may never come, and does nothing
    // where reading has not begun.
    return: async () => {
      close();
      await frames.return(undefined).catch(() => undefined);
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

/** The answer is complete: what follows, be it an error, is nobody's, and not waited for long. */
export async function drain({ events, close }: Upstream<unknown>): Promise<void> {
  const timer = setTimeout(close, drainMs).unref();
  try {
    while ((await events.next()).done !== true);
  } catch {
    // See above.
  } finally {
    clearTimeout(timer);
    close();
  }
}
