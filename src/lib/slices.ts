/** A computation that may pause at each `yield`, and returns its result. */
export type Steps<Result> = Generator<void, Result>;

/** Carries the computation out in one go. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Carries the computation out beside all else: after each slice of time the event loop turns.
 *
 * @param sliceMs how long the rest of the process may be kept waiting, as far as single steps are shorter
 * @param atPause called between two slices, in a turn of its own
 */
export async function inSlices<Result>(
  steps: Steps<Result>,
  sliceMs: number,
  atPause?: () => void,
): Promise<Result> {
  let endsAt = performance.now() + sliceMs;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() < endsAt) continue;
    await turn();
    if (atPause !== undefined) {
      atPause();
      await turn();
    }
    endsAt = performance.now() + sliceMs;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
