/** Time as a dependency, so that tests choose it. */
export interface Clock {
  /** Milliseconds since the Unix epoch, for what people read. */
  now(): number;
  /** Milliseconds from an arbitrary origin, never stepping back, for durations. */
  elapsed(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
};
