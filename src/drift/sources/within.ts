import { err, ok, type Result } from "../../lib/index.ts";

/** Who asks, and for how long a source may take at most. */
export interface Bound {
  signal: AbortSignal;
  /** In milliseconds. */
  boundMs: number;
}

/**
 * What `act` comes to, or a sentence about what went wrong; once the signal is aborted or the bound has passed that
 * is said at once, and `act` is left to end by its own signal.
 *
 * @param name of the source, to begin the sentence with
 */
export async function within<Value>(
  name: string,
  { signal, boundMs }: Bound,
  act: (signal: AbortSignal) => Promise<Value>,
): Promise<Result<Value, string>> {
  const late = AbortSignal.timeout(boundMs);
  const either = AbortSignal.any([signal, late]);
  try {
    return ok(await orAborted(act(either), either));
  } catch (error) {
    if (signal.aborted) return err(`${name} was not waited for: the run was stopped`);
    if (late.aborted) return err(`${name} did not give its figures within ${inSeconds(boundMs)}`);
    return err(`${name}: ${inOneLine(error)}`);
  }
}

/** Databases tell of a query's place over many lines. */
const inOneLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0]?.slice(0, 500) ?? "";

const inSeconds = (ms: number): string => (ms < 2_000 ? `${ms} ms` : `${Math.round(ms / 1_000)} s`);

/** @throws the signal's reason as soon as it is aborted, even where nothing of the work listens to it */
export async function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason as Error);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  // Where the work fails after it was left, nobody is there to hear of it.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The values as they come, for as long as the signal is not aborted: a store that hangs is left. */
export async function* untilAborted<Value>(
  values: AsyncIterable<Value>,
  signal: AbortSignal,
): AsyncGenerator<Value, void, void> {
  const iterator = values[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await orAborted(iterator.next(), signal);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not awaited: it ends only when what it waits for does.
    void iterator.return?.()?.then(undefined, () => undefined);
  }
}
